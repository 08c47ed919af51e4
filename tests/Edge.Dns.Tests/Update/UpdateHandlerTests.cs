using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>UPDATE messages at the whole engine: who may, in which zone, in which view, once.</summary>
public sealed class UpdateHandlerTests
{
    [Fact]
    public async Task Without_a_signature_nothing_is_changed()
    {
        await using var server = new UpdateServer();
        Assert.Equal(Rcode.Refused, await server.SendAsync(null, "delete only"));
        Assert.Empty(server.Updates.Changes);
        Assert.Contains((LogLevel.Warning, "An update of example.com. with no key from 127.0.0.1 is refused (Refused): an update must be signed with a key (TSIG)"), server.Log.Entries);
    }

    [Fact]
    public async Task A_key_that_others_use_for_other_things_may_not_update()
    {
        await using var server = new UpdateServer();
        server.Keys.Clear();
        Assert.Equal(Rcode.Refused, await server.SendAsync("everything", "delete only"));
        Assert.Empty(server.Updates.Changes);
        Assert.Contains(server.Log.Entries, entry => entry.Level == LogLevel.Warning && entry.Text.StartsWith("An update of example.com. with key everything from 127.0.0.1 is refused (Refused): key everything may not", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("example.net.", Rcode.NotAuth)]
    [InlineData("www.example.com.", Rcode.NotAuth)]
    [InlineData("com.", Rcode.NotAuth)]
    [InlineData("copy.test.", Rcode.Refused)]
    public async Task A_zone_that_is_not_ours_is_told_from_one_that_is_a_copy(string zone, Rcode rcode)
    {
        await using var server = new UpdateServer();
        var origin = Name.Parse(zone);
        Assert.Equal(rcode, (await server.AnswerAsync("everything", UpdateText.Message(origin, ["add new 60 A 192.0.2.7"]))).Rcode);
        Assert.Empty(server.Updates.Changes);
    }

    [Fact]
    public async Task An_update_of_a_zone_below_is_that_zones()
    {
        await using var server = new UpdateServer();
        var below = Name.Parse("below.example.com.");
        Assert.Equal(Rcode.NoError, (await server.AnswerAsync("everything", UpdateText.Message(below, ["add www 60 A 192.0.2.7"]))).Rcode);

        // The delegation above it is another zone's data at the same name.
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add below 60 NS ns1"));
        var zones = server.Zones.Current.Zones(0);
        Assert.Equal(["ns.below.example.com."], zones.Single(zone => zone.Origin == below).Find(below, RecordType.NS)!.Data.Select(data => RecordText.FormatData(RecordType.NS, data)));
        Assert.NotNull(zones.Single(zone => zone.Origin == below).Find(below.Prepend("www"), RecordType.A));
        Assert.Equal(["ns1.example.com."], zones.Single(zone => zone.Origin == UpdatedZone.Origin).Find(below, RecordType.NS)!.Data.Select(data => RecordText.FormatData(RecordType.NS, data)));
    }

    /// <summary>RFC 8945 §5.2.3 and §10: what was seen on the wire and is sent again is not done again.</summary>
    [Fact]
    public async Task A_message_sent_again_is_rejected_and_not_made_again()
    {
        await using var server = new UpdateServer();
        var message = UpdateServer.Sign("everything", UpdateText.Message(UpdatedZone.Origin, ["add new 60 A 192.0.2.7"]));
        Assert.Equal(Rcode.NoError, (await server.AnswerRawAsync(message)).Rcode);
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "delete new"));
        Assert.Equal(Rcode.NotAuth, (await server.AnswerRawAsync(message)).Rcode);
        Assert.DoesNotContain(server.Lines(), line => line.StartsWith("new.", StringComparison.Ordinal));
    }

    /// <summary>What was seen on the wire before a restart is as old as what was seen after it.</summary>
    [Fact]
    public async Task A_message_signed_before_the_server_began_is_rejected()
    {
        await using var server = new UpdateServer();
        var earlier = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow.AddSeconds(-30));
        var message = UpdateServer.Sign("everything", UpdateText.Message(UpdatedZone.Origin, ["add new 60 A 192.0.2.7"]), earlier);
        Assert.Equal(Rcode.NotAuth, (await server.AnswerRawAsync(message)).Rcode);
        Assert.Empty(server.Updates.Changes);
    }

    [Fact]
    public async Task The_answer_has_the_zone_section_and_the_reason_for_a_client_with_EDNS()
    {
        await using var server = new UpdateServer(keys: ("phone", null, ["phone.example.com A"]));
        var message = UpdateText.Message(UpdatedZone.Origin, ["delete only"]);
        message[11] = 1;
        var answer = await server.AnswerAsync("phone", [.. message, 0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0]);
        Assert.Equal((Rcode.Refused, Opcode.Update, (ushort)0x4242), (answer.Rcode, answer.Opcode, answer.Id));
        Assert.Equal(UpdatedZone.Origin, Assert.Single(answer.Questions).Name);
        var error = Assert.Single(answer.Edns!.Options);
        Assert.Equal(EdnsOption.ExtendedErrorOption, error.Code);
        Assert.Equal((byte)ExtendedErrorCode.Prohibited, error.Data.Span[1]);
        Assert.Equal("key phone may not change only.example.com.", System.Text.Encoding.UTF8.GetString(error.Data.Span[2..]));
        Assert.Contains(server.Log.Entries, entry => entry.Text.Contains("key phone may not change only.example.com.", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_change_is_served_in_the_views_it_is_for_and_their_serials_grow()
    {
        await using var server = new UpdateServer(lan: "www 60 A 192.168.1.80\n", keys: [("zone", null, ["* ANY"]), ("lan", "lan", ["* ANY"])]);
        Assert.Equal((10u, 10u), (server.Serial("lan"), server.Serial()));
        Assert.Equal(Rcode.NoError, await server.SendAsync("lan", "add inside 60 A 192.168.1.7"));
        Assert.Equal((11u, 10u), (server.Serial("lan"), server.Serial()));
        Assert.Contains("inside.example.com. 60 IN A 192.168.1.7", server.Lines("lan"));
        Assert.DoesNotContain("inside.example.com. 60 IN A 192.168.1.7", server.Lines());

        // What the view declares itself, a change of the zone does not reach.
        Assert.Equal(Rcode.NoError, await server.SendAsync("zone", "delete www A"));
        Assert.Equal((11u, 11u), (server.Serial("lan"), server.Serial()));
        Assert.Contains("www.example.com. 60 IN A 192.168.1.80", server.Lines("lan"));
        Assert.DoesNotContain(server.Lines(), line => line.Contains("192.0.2.80", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_may_set_the_serial_forward()
    {
        await using var server = new UpdateServer();
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add @ 300 SOA ns1 hostmaster 2026010100 7200 900 1209600 300"));
        Assert.Equal(2026010100u, server.Serial());
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add @ 300 SOA ns1 hostmaster 2026010100 1 1 1 1", "add new 60 A 192.0.2.7"));
        Assert.Equal(2026010101u, server.Serial());
    }

    [Fact]
    public async Task What_changes_nothing_raises_no_serial()
    {
        await using var server = new UpdateServer();
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add only 300 A 192.0.2.9", "delete none"));
        Assert.Equal(10u, server.Serial());
        Assert.False(File.Exists(server.Journal));
    }

    [Fact]
    public async Task The_files_go_on_deciding_what_no_update_has_touched()
    {
        await using var server = new UpdateServer();
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "delete www A 192.0.2.81", "add new 60 A 192.0.2.7"));
        server.EditFiles(UpdatedZone.Text.Replace("192.0.2.80", "192.0.2.90", StringComparison.Ordinal).Replace("\"one\"", "\"two\"", StringComparison.Ordinal));
        Assert.Contains("www.example.com. 300 IN A 192.0.2.80", server.Lines());
        Assert.Contains("www.example.com. 300 IN TXT \"two\"", server.Lines());
        Assert.Contains("new.example.com. 60 IN A 192.0.2.7", server.Lines());

        // Given back, the set is the file's again.
        Assert.Equal(1, await server.Updates.ForgetAsync(UpdatedZone.Origin, UpdatedZone.Origin.Prepend("www"), RecordType.A, null, TestContext.Current.CancellationToken));
        Assert.Contains("www.example.com. 300 IN A 192.0.2.90", server.Lines());
        Assert.Contains("www.example.com. 300 IN A 192.0.2.81", server.Lines());
    }

    [Fact]
    public async Task A_set_the_file_has_by_now_is_the_files_again_when_an_update_says_the_same()
    {
        await using var server = new UpdateServer();
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add new 300 A 192.0.2.7"));
        server.EditFiles(UpdatedZone.Text + "\nnew 300 A 192.0.2.7\nnew 300 A 192.0.2.8\n");
        Assert.DoesNotContain("new.example.com. 300 IN A 192.0.2.8", server.Lines());
        Assert.Equal(Rcode.NoError, await server.SendAsync("everything", "add new 300 A 192.0.2.8"));
        Assert.Empty(server.Updates.Changes);
        Assert.Contains("new.example.com. 300 IN A 192.0.2.8", server.Lines());
    }

    [Fact]
    public async Task Many_clients_at_once_lose_nothing()
    {
        await using var server = new UpdateServer();
        var codes = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => server.SendAsync("everything", $"prereq nxdomain h{i}", $"add h{i} 60 A 192.0.2.{i}"))));
        Assert.All(codes, code => Assert.Equal(Rcode.NoError, code));
        Assert.Equal(200, server.Lines().Count(line => line.StartsWith('h')));
        await using var again = UpdateManager.Open(server.Journal + "-copy", server.Log, TimeProvider.System);
        Assert.Empty(again.Changes);
    }

    [Fact]
    public async Task Of_many_who_want_the_same_free_name_one_gets_it()
    {
        await using var server = new UpdateServer();
        var codes = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() => server.SendAsync("everything", "prereq nxdomain free", $"add free 60 A 192.0.2.{i}"))));
        Assert.Equal(49, codes.Count(code => code == Rcode.YxDomain));
        Assert.Single(server.Lines(), line => line.StartsWith("free.", StringComparison.Ordinal));
    }
}
