using System.Net;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Edge.Outward;

namespace Edge.Tests.Outward;

/// <summary>Updates of a zone that BIND has: what it lets us change, and what we let alone.</summary>
public sealed class Rfc2136WayTests
{
    private const string Mark = $"_edge.home.example.com. 3600 TXT \"{TargetLab.Mark}\"";

    [Fact]
    public async Task A_name_comes_with_its_mark_follows_and_loses_what_is_gone()
    {
        await using var bind = await PrimaryBind.StartAsync();
        await using var lab = Lab(bind, "home.example.com", "");
        var others = await bind.LinesAsync();
        (string Addresses, string[] Lines)[] steps =
        [
            ("198.51.100.7", ["home.example.com. 60 A 198.51.100.7", Mark]),
            ("198.51.100.8 2001:db8::8", ["home.example.com. 60 A 198.51.100.8", "home.example.com. 60 AAAA 2001:db8::8", Mark]),
            ("2001:db8::9", ["home.example.com. 60 AAAA 2001:db8::9", Mark]),
        ];
        foreach (var (addresses, lines) in steps)
        {
            lab.Addresses = [.. addresses.Split(' ').Select(IPAddress.Parse)];
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromMinutes(11));
            await lab.LookAsync();
            Assert.Contains(lab.Target.State!.Outcome, (PushOutcome[])[PushOutcome.Sent, PushOutcome.Unchanged]);
            Assert.Equal(lines.Order(StringComparer.Ordinal), (await bind.LinesAsync()).Except(others).Order(StringComparer.Ordinal));
        }

        await lab.LookAsync(isAsked: true);
        Assert.Equal(PushOutcome.Unchanged, lab.Target.State!.Outcome);
        Assert.Empty(others.Except(await bind.LinesAsync()));
    }

    [Theory]
    [InlineData("www.example.com", "", "Foreign")]
    [InlineData("alias.example.com", "", "Foreign")]
    [InlineData("only.example.com", "", "Foreign")]
    [InlineData("only.example.com", ", only: ipv6", "Sent")]
    [InlineData("example.com", ", zone: example.com", "Sent")]
    public async Task What_is_there_without_our_mark_is_let_alone_and_told(string host, string settings, string outcome)
    {
        await using var bind = await PrimaryBind.StartAsync();
        await using var lab = Lab(bind, host, settings);
        lab.Addresses = [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7")];
        var before = await bind.LinesAsync();
        await lab.LookAsync();
        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        var after = await bind.LinesAsync();
        Assert.Empty(before.Except(after));
        Assert.Equal(outcome == "Foreign" ? 0 : settings.Contains("only", StringComparison.Ordinal) ? 2 : 3, after.Except(before).Count());
    }

    [Theory]
    [InlineData("everything", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "home.example.com", "Failed", "does not take the key (NOTAUTH)")]
    [InlineData("nothing", PrimaryBind.Secret, "home.example.com", "Failed", "does not take the key (NOTAUTH)")]
    [InlineData("everything", PrimaryBind.Secret, "home.example.net", "Failed", "it may not have the zone example.net")]
    [InlineData("everything", "not base64!", "home.example.com", "Refused", "does not hold a secret in base64")]
    public async Task A_key_that_is_not_taken_is_told(string key, string secret, string host, string outcome, string why)
    {
        await using var bind = await PrimaryBind.StartAsync();
        await using var lab = new TargetLab($"{host}: {{by: rfc2136, server: \"127.0.0.1:{bind.Port}\", key: {key}, secret-file: secret}}", Way(TimeProvider.System), secret);
        await lab.LookAsync();
        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        Assert.Contains(why, lab.Target.State.Why, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, lab.Target.State.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_is_away_is_asked_ever_more_seldom()
    {
        await using var lab = new TargetLab("home.example.com: {by: rfc2136, server: \"127.0.0.1:1\", key: k, secret-file: secret}", Way(TimeProvider.System), PrimaryBind.Secret);
        var tries = 0;
        var looked = DateTimeOffset.MinValue;
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            await lab.LookAsync();
            tries += lab.Target.State!.Looked > looked ? 1 : 0;
            looked = lab.Target.State.Looked;
            lab.Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(tries, 20, 32);
        Assert.Single(lab.Log.Lines);
    }

    [Theory]
    [InlineData(TargetLab.Others, false, "Foreign", "it is another box's: the TXT at _edge.home.example.com says \"heritage=edge,box=ffeeddccbbaa99887766554433221100,owner=nas.example.com\"")]
    [InlineData(TargetLab.Others, true, "Foreign", "it is another box's")]
    [InlineData(TargetLab.Mark + "|" + TargetLab.Others, true, "Foreign", "two boxes claim it")]
    [InlineData(TargetLab.Former + "|" + TargetLab.Others, true, "Foreign", "two boxes claim it")]
    [InlineData("heritage=edge,owner=other.example.com", true, "Foreign", "says \"heritage=edge,owner=other.example.com\"")]
    [InlineData(TargetLab.Former, false, "Foreign", "says \"heritage=edge,owner=nas.example.com\"")]
    [InlineData(TargetLab.Former, true, "Sent", "")]
    [InlineData(TargetLab.Former + "|" + TargetLab.Mark, false, "Sent", "")]
    [InlineData("heritage=edge,box=" + TargetLab.Box + ",owner=before.example.com", false, "Sent", "")]
    [InlineData(TargetLab.Mark + "|of somebody", false, "Sent", "")]
    [InlineData("of somebody", true, "Foreign", "no TXT at _edge.home.example.com says that it is ours")]
    public async Task Whose_a_name_is_its_marks_say(string marks, bool hasSent, string outcome, string why)
    {
        await using var bind = await PrimaryBind.StartAsync([.. marks.Split('|').Select(mark => $"_edge.home TXT \"{mark}\""), "home A 192.0.2.9", "home MX 10 www"]);
        await using var lab = Lab(bind, "home.example.com", "");
        var before = await bind.LinesAsync();
        lab.Target = lab.Open(hasSent ? Sent("home.example.com") : null);
        await lab.LookAsync();
        var after = await bind.LinesAsync();
        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        Assert.Contains(why, lab.Target.State!.Why, StringComparison.Ordinal);
        if (outcome == "Foreign")
        {
            Assert.Equal(before, after);
            return;
        }

        string[] texts = [.. marks.Split('|').Where(mark => mark == "of somebody"), TargetLab.Mark];
        Assert.Equal([.. texts.Select(mark => $"\"{mark}\"").Order(StringComparer.Ordinal)], after.Where(line => line.StartsWith("_edge.home", StringComparison.Ordinal)).Select(line => line.Split(' ', 4)[3]).Order(StringComparer.Ordinal));
        Assert.Contains("home.example.com. 60 A 198.51.100.7", after);
        Assert.DoesNotContain("home.example.com. 300 A 192.0.2.9", after);
        Assert.Contains("home.example.com. 300 MX 10 www.example.com.", after);
    }

    // RFC 2136 section 2.4: what was so at the look has to be so at the change. Connections are the look, whether all is as it is to be, the change.
    [Theory]
    [InlineData("", 2, "Foreign")] // nobody's at the look
    [InlineData(TargetLab.Mark, 2, "Failed")]
    [InlineData(TargetLab.Mark, 3, "Failed")]
    public async Task Another_box_that_comes_between_the_look_and_the_change_is_not_written_over(string mark, int before, string outcome)
    {
        await using var bind = await PrimaryBind.StartAsync(mark.Length > 0 ? [$"_edge.home TXT \"{mark}\""] : []);
        var (zone, at) = (Name.Parse("example.com"), Name.Parse("_edge.home.example.com"));
        var direct = new UpdateConnection(new IPEndPoint(IPAddress.Loopback, bind.Port), new TsigKey(Name.Parse("everything"), TsigAlgorithm.HmacSha256, Convert.FromBase64String(PrimaryBind.Secret)), TimeProvider.System);
        await using var way = new MeddledWay(bind.Port, before, async () =>
            Assert.Equal((Rcode.NoError, null), await direct.SendAsync(new UpdateMessage(zone).Delete(at, RecordType.TXT).Add(at, RecordType.TXT, 3600, RData.Text(TargetLab.Others)), TestContext.Current.CancellationToken)));
        await using var lab = new TargetLab($"home.example.com: {{by: rfc2136, server: \"127.0.0.1:{way.Port}\", key: everything, secret-file: secret}}", Way(TimeProvider.System), PrimaryBind.Secret);
        await lab.LookAsync();
        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        Assert.Equal($"_edge.home.example.com. 3600 TXT \"{TargetLab.Others}\"", Assert.Single(await bind.LinesAsync(), line => line.Contains("home", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_former_mark_goes_to_the_first_of_two_boxes_that_had_the_same_and_to_it_alone()
    {
        await using var bind = await PrimaryBind.StartAsync($"_edge.home TXT \"{TargetLab.Former}\"", "home A 192.0.2.9");
        await using var first = Lab(bind, "home.example.com", "");
        await using var second = new TargetLab(Yaml(bind, "home.example.com", ""), new Rfc2136Way(new OwnershipMark("ffeeddccbbaa99887766554433221100", "nas.example.com"), TimeProvider.System), PrimaryBind.Secret) { Addresses = [IPAddress.Parse("198.51.100.8")] };
        (first.Target, second.Target) = (first.Open(Sent("home.example.com")), second.Open(Sent("home.example.com")));
        await first.LookAsync();
        await second.LookAsync();
        Assert.Equal((PushOutcome.Sent, PushOutcome.Foreign), (first.Target.State!.Outcome, second.Target.State!.Outcome));
        Assert.Contains(second.Log.Lines, line => line.Contains($"it is another box's: the TXT at _edge.home.example.com says \"{TargetLab.Mark}\"", StringComparison.Ordinal));
        first.Time.Advance(TimeSpan.FromHours(30));
        await first.LookAsync();
        Assert.Equal(PushOutcome.Unchanged, first.Target.State.Outcome);
        Assert.Contains("home.example.com. 60 A 198.51.100.7", await bind.LinesAsync());
    }

    private static PushState Sent(string host) => new(host, PushOutcome.Sent, "", new PushedAddresses("192.0.2.9", null), default, default, "", 0);

    private static Rfc2136Way Way(TimeProvider time) => new(new OwnershipMark(TargetLab.Box, "nas.example.com"), time);

    private static TargetLab Lab(PrimaryBind bind, string host, string settings) =>
        new(Yaml(bind, host, settings), Way(TimeProvider.System), PrimaryBind.Secret);

    private static string Yaml(PrimaryBind bind, string host, string settings) => $"{host}: {{by: rfc2136, server: \"127.0.0.1:{bind.Port}\", key: everything, secret-file: secret{settings}}}";
}
