using Edge.Dns.Tests.Interop;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>What a secondary zone does over time (RFC 1034 §4.3.5, RFC 1996), beside another Edge.</summary>
public sealed class SecondaryZoneTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-secondary");
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Before_the_first_transfer_it_says_that_it_is_not_ready()
    {
        await using var server = new FollowingServer(_folder.FullName, null, 0, FollowingServer.From(FreePorts.Next()));
        var answer = server.Ask("www.example.com.", "A");
        Assert.Equal((Rcode.ServFail, ExtendedErrorCode.NotReady), (answer.Rcode, Reason(answer)));
        Assert.Equal(Rcode.Refused, server.Ask("www.example.net.", "A").Rcode);
    }

    [Fact]
    public async Task It_asks_again_after_the_refresh_time()
    {
        await using var primary = new TransferringServer(TransferringServer.ByAddress);
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port));
        await server.Until(() => server.Serial() == 10);
        primary.Change(11, "more A 192.0.2.99\n");
        Assert.Equal(10u, server.Serial());
        Turn(TimeSpan.FromHours(1));
        await server.Until(() => server.Serial() == 11, Wait);
        Assert.Equal(primary.Content("lan"), server.Content());
    }

    [Fact]
    public async Task Past_the_expire_time_it_is_served_no_more_and_comes_back_with_the_primary()
    {
        int port;
        await using (var primary = new TransferringServer(TransferringServer.ByKey))
        {
            port = primary.Port;
            await using var first = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(port, "public-key."));
            await first.Until(() => first.Serial() == 10);
        }

        // Nearly a fortnight, and the zone's expire time is a fortnight.
        Turn(TimeSpan.FromSeconds(1209600 - 60));
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(port, "public-key."));
        Assert.Equal(Rcode.NoError, server.Ask("www.example.com.", "A").Rcode);
        Turn(TimeSpan.FromSeconds(61));
        await server.Until(() => server.Content() is null, Wait);
        var answer = server.Ask("www.example.com.", "A");
        Assert.Equal((Rcode.ServFail, ExtendedErrorCode.InvalidData), (answer.Rcode, Reason(answer)));
        Assert.Matches(@"since \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", server.Logs.Lines.First(line => line.Contains("is expired and not served any more", StringComparison.Ordinal)));

        await using var restarted = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(port, "public-key."));
        Assert.Equal(Rcode.ServFail, restarted.Ask("www.example.com.", "A").Rcode);
    }

    [Theory]
    [InlineData("a newer serial", "example.com.", 11u, "127.0.0.1", Rcode.NoError, true)]
    [InlineData("no serial", "example.com.", null, "127.0.0.1", Rcode.NoError, true)]
    [InlineData("the serial that is held", "example.com.", 10u, "127.0.0.1", Rcode.NoError, false)]
    [InlineData("an older serial, around the circle", "example.com.", 4_294_967_290u, "127.0.0.1", Rcode.NoError, false)]
    [InlineData("a stranger", "example.com.", 11u, "127.0.0.2", Rcode.Refused, false)]
    [InlineData("a zone that is not here", "example.net.", 11u, "127.0.0.1", Rcode.NotAuth, false)]
    public async Task RFC1996_S3_NOTIFY(string rule, string origin, uint? serial, string client, Rcode rcode, bool followed)
    {
        await using var primary = new TransferringServer(TransferringServer.ByAddress);
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port));
        await server.Until(() => server.Serial() == 10);
        primary.Change(11);
        Assert.Equal((rule, rcode), (rule, (await server.NotifyAsync(origin, serial, client)).Rcode));
        if (followed)
        {
            await server.Until(() => server.Serial() == 11);
        }
        else
        {
            // What was not heard by then is heard of at the refresh time.
            Assert.Equal(10u, server.Serial());
            Turn(TimeSpan.FromHours(1));
            await server.Until(() => server.Serial() == 11, Wait);
            Assert.Equal(2, server.Logs.Lines.Count(line => line.Contains("came from", StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task RFC1996_a_primary_with_a_key_has_to_sign()
    {
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(FreePorts.Next(), "public-key."));
        Assert.Equal(Rcode.Refused, (await server.NotifyAsync("example.com.", 11)).Rcode);
    }

    [Fact]
    public async Task A_zone_may_be_held_for_many_changes()
    {
        await using var primary = new TransferringServer(TransferringServer.ByAddress);
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port));
        await server.Until(() => server.Serial() == 10);
        for (var serial = 11u; serial < 20; serial++)
        {
            primary.Change(serial, $"n{serial} A 192.0.2.{serial}\nsame A 192.0.2.{serial}\n" + (serial % 2 == 0 ? "even TXT \"is here\"\n" : ""));
            Turn(TimeSpan.FromHours(1));
            // The turn may come before the zone waits for it again.
            await server.Until(() => server.Serial() == serial, () => Turn(TimeSpan.FromMinutes(10)));
            Assert.Equal(primary.Content("lan"), server.Content());
        }

        await using var again = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(FreePorts.Next()));
        Assert.Equal(primary.Content("lan"), again.Content());
    }

    [Fact]
    public async Task A_zone_may_be_for_one_view_only()
    {
        await using var primary = new TransferringServer(TransferringServer.ByAddress);
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port) with { View = "public" });
        await server.Until(() => server.Serial(view: "public") == 10);
        primary.Change(11, "more A 192.0.2.99\n");
        Turn(TimeSpan.FromHours(1));
        await server.Until(() => server.Serial(view: "public") == 11, Wait);
        Assert.Equal(primary.Content("lan"), server.Content(view: "public"));
        Assert.Null(server.Content(view: "lan"));
        Assert.Equal(Rcode.Refused, server.Ask("www.example.com.", "A").Rcode);
        Assert.Contains(server.Logs.Lines, line => line.Contains("as IXFR", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_refused_is_said_and_tried_again()
    {
        await using var primary = new TransferringServer(TransferPolicy.Closed);
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port, "public-key."));
        await server.Until(() => server.Logs.Lines.Any(line => line.Contains("it says REFUSED", StringComparison.Ordinal)));
        Assert.Contains("REFUSED", server.Secondaries.States[0].State.Trouble, StringComparison.Ordinal);
        primary.Transfers.Use(TransferringServer.ByKey);
        await server.Until(() => server.Serial() == 10, Wait);
        Assert.Null(server.Secondaries.States[0].State.Trouble);
    }

    [Fact]
    public async Task A_file_that_was_spoiled_is_fetched_anew()
    {
        await using var primary = new TransferringServer(TransferringServer.ByKey);
        File.WriteAllText(Path.Combine(_folder.FullName, "example.com.zone"), "example.com. 300 IN SOA ns");
        await using var server = new FollowingServer(_folder.FullName, _time, 0, FollowingServer.From(primary.Port, "public-key."));
        await server.Until(() => server.Serial() == 10);
        Assert.Equal(primary.Content("public"), server.Content());
    }

    [Fact]
    public async Task A_zone_that_is_no_longer_wanted_goes_and_others_stay()
    {
        await using var primary = new TransferringServer(TransferringServer.ByKey);
        var setting = FollowingServer.From(primary.Port, "public-key.");
        await using var server = new FollowingServer(_folder.FullName, _time, 0, setting);
        await server.Until(() => server.Serial() == 10);
        server.Secondaries.Use([]);
        Assert.Null(server.Content());
        Assert.Equal(Rcode.Refused, server.Ask("www.example.com.", "A").Rcode);
        server.Secondaries.Use([setting]);
        Assert.Equal(primary.Content("public"), server.Content());
    }

    private static ExtendedErrorCode? Reason(Message answer) =>
        answer.Edns!.Options is [{ Code: EdnsOption.ExtendedErrorOption } reason] ? (ExtendedErrorCode)((reason.Data.Span[0] << 8) | reason.Data.Span[1]) : null;

    private void Turn(TimeSpan time) => _time.Advance(time);

    private void Wait() => _time.Advance(TimeSpan.FromSeconds(1));
}
