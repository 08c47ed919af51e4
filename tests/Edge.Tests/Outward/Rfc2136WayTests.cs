using System.Net;
using Edge.Outward;

namespace Edge.Tests.Outward;

/// <summary>Updates of a zone that BIND has: what it lets us change, and what we let alone.</summary>
public sealed class Rfc2136WayTests
{
    private const string Mark = "_edge.home.example.com. 3600 TXT \"heritage=edge,owner=nas.example.com\"";

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
    [InlineData("everything", PrimaryBind.Secret, "home.example.net", "Failed", "NotAuth")]
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

    private static Rfc2136Way Way(TimeProvider time) => new(new OwnershipMark("nas.example.com"), time);

    private static TargetLab Lab(PrimaryBind bind, string host, string settings) =>
        new($"{host}: {{by: rfc2136, server: \"127.0.0.1:{bind.Port}\", key: everything, secret-file: secret{settings}}}", Way(TimeProvider.System), PrimaryBind.Secret);
}
