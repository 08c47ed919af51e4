using System.Net;
using System.Text.Json;
using Edge.Outward;

namespace Edge.Tests.Outward;

/// <summary>What the words of dyndns2 ask of a client is done: nobody is asked again who does not want to be.</summary>
public sealed class Dyndns2WayTests
{
    private const string Yaml = "home.example.net: {by: dyndns2, url: https://dyn.test/nic/update, user: me, password-file: secret}";

    [Theory]
    [InlineData(200, "good 198.51.100.7", "Sent", 1)]
    [InlineData(200, "nochg 198.51.100.7\n", "Unchanged", 1)]
    [InlineData(401, "badauth", "Refused", 1)]
    [InlineData(200, "badauth", "Refused", 1)]
    [InlineData(401, "", "Refused", 1)]
    [InlineData(403, "<html>", "Refused", 1)]
    [InlineData(200, "abuse", "Refused", 1)]
    [InlineData(200, "nohost", "Refused", 1)]
    [InlineData(200, "!yours", "Refused", 1)]
    [InlineData(200, "notfqdn", "Refused", 1)]
    [InlineData(200, "numhost", "Refused", 1)]
    [InlineData(200, "!donator", "Refused", 1)]
    [InlineData(200, "badagent", "Refused", 1)]
    [InlineData(200, "911", "Failed", 16)]
    [InlineData(200, "dnserr", "Failed", 16)]
    [InlineData(500, "", "Failed", 16)]
    [InlineData(200, "<html>hello", "Failed", 16)]
    public async Task A_word_and_how_often_it_is_asked_for_in_half_a_day(int status, string said, string outcome, int most)
    {
        var provider = new FakeProvider((_, _) => ((HttpStatusCode)status, said));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http));
        for (var second = 0; second < 12 * 3600; second += 20)
        {
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromSeconds(20));
        }

        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        Assert.InRange(provider.Requests.Count, 1, most + (status == 500 || said.StartsWith('<') ? 4 : 0));
        Assert.Equal("GET https://dyn.test/nic/update?hostname=home.example.net&myip=198.51.100.7", provider.Requests[0]);
        Assert.Equal("Basic " + Convert.ToBase64String("me:the-secret-of-the-test"u8), provider.Authorizations[0]);
    }

    [Fact]
    public async Task Only_changes_are_sent_also_after_a_restart()
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, "good"));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http));
        await lab.LookAsync();
        await lab.LookAsync();
        Assert.Single(provider.Requests);
        lab.Addresses = [IPAddress.Parse("198.51.100.8"), IPAddress.Parse("2001:db8::8")];
        await lab.LookAsync();
        Assert.EndsWith("&myip=198.51.100.8,2001:db8::8", provider.Requests[^1], StringComparison.Ordinal);
        var kept = (await lab.Store.ListAsync("outward/", TestContext.Current.CancellationToken)).Entries.Single();
        lab.Target = lab.Open(JsonSerializer.Deserialize(kept.Value.Span, OutwardJson.Default.PushState));
        await lab.LookAsync();
        Assert.Equal(2, provider.Requests.Count);

        // Each day DNS is asked; only if it says something else, the provider is.
        lab.Resolved = [.. lab.Addresses];
        lab.Time.Advance(TimeSpan.FromHours(30));
        await lab.LookAsync();
        Assert.Equal(2, provider.Requests.Count);
        lab.Resolved = [IPAddress.Parse("192.0.2.1")];
        lab.Time.Advance(TimeSpan.FromHours(30));
        await lab.LookAsync();
        Assert.Equal(3, provider.Requests.Count);
    }

    [Fact]
    public async Task Who_was_refused_is_heard_again_when_the_password_is_another_or_somebody_asks()
    {
        var isGood = false;
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, isGood ? "good" : "badauth"));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http));
        await lab.LookAsync();
        lab.Addresses = [IPAddress.Parse("198.51.100.8")];
        lab.Time.Advance(TimeSpan.FromDays(3));
        await lab.LookAsync();
        Assert.Single(provider.Requests);
        await File.WriteAllTextAsync(lab.SecretFile, "another");
        await lab.LookAsync();
        Assert.Equal(2, provider.Requests.Count);
        isGood = true;
        await lab.LookAsync();
        Assert.Equal(2, provider.Requests.Count);
        await lab.LookAsync(isAsked: true);
        Assert.Equal((3, PushOutcome.Sent), (provider.Requests.Count, lab.Target.State!.Outcome));
    }

    [Fact]
    public async Task An_address_that_nobody_knows_for_a_while_is_not_taken_away()
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, "good"));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http)) { Addresses = [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7")] };
        await lab.LookAsync();
        foreach (var addresses in (string[][])[[], ["2001:db8::7"], ["198.51.100.7", "2001:db8::7"], ["198.51.100.7"]])
        {
            lab.Addresses = [.. addresses.Select(IPAddress.Parse)];
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromMinutes(2));
        }

        Assert.Single(provider.Requests);
        lab.Time.Advance(KnownAddresses.Patience);
        await lab.LookAsync();
        Assert.EndsWith("&myip=198.51.100.7", provider.Requests[^1], StringComparison.Ordinal);
        Assert.Equal(2, provider.Requests.Count);
    }

    [Theory]
    [InlineData("911", "", 40)] // half an hour is asked for
    [InlineData("<html>", "", 2)]
    [InlineData("good", "", 60 * 30)]
    [InlineData("911", "restart", 40)]
    [InlineData("good", "restart", 60 * 30)]
    public async Task A_clock_that_is_set_back_delays_nothing(string said, string then, int minutes)
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, said));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http)) { Resolved = [IPAddress.Parse("192.0.2.1")] };
        await lab.LookAsync();
        lab.SetBy = TimeSpan.FromDays(-400);
        if (then == "restart")
        {
            lab.Target = lab.Open(lab.Target.State);
        }

        await lab.LookAsync();
        Assert.Single(provider.Requests);
        for (var minute = 0; minute < minutes; minute++)
        {
            lab.Time.Advance(TimeSpan.FromMinutes(1));
            await lab.LookAsync();
        }

        Assert.Equal(2, provider.Requests.Count);
    }

    [Fact]
    public async Task A_clock_that_is_set_takes_no_address_away_and_keeps_none_for_ever()
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, "good"));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http)) { Addresses = [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7")] };
        await lab.LookAsync();
        lab.Addresses = [IPAddress.Parse("198.51.100.7")];
        foreach (var by in (int[])[400, -800])
        {
            lab.SetBy += TimeSpan.FromDays(by);
            await lab.LookAsync();
            Assert.Equal("198.51.100.7, 2001:db8::7", lab.Target.Wanted.ToString());
        }

        lab.Time.Advance(KnownAddresses.Patience);
        await lab.LookAsync();
        Assert.Equal("198.51.100.7", lab.Target.Wanted.ToString());
    }

    [Theory]
    [InlineData("<html>", 1)]
    [InlineData("911", 30)]
    [InlineData("badauth", 0)]
    public async Task Another_address_is_sent_sooner_after_a_failure_but_not_than_was_asked_for(string said, int minutes)
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, said));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab(Yaml, new Dyndns2Way(http));
        for (var hour = 0; hour < 8; hour++)
        {
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromHours(2));
        }

        await lab.LookAsync();
        var (before, passed) = (provider.Requests.Count, 0);
        lab.Addresses = [IPAddress.Parse("198.51.100.9")];
        while (provider.Requests.Count == before && passed < 50)
        {
            lab.Time.Advance(TimeSpan.FromMinutes(1));
            passed++;
            await lab.LookAsync();
        }

        Assert.Equal(minutes == 0 ? (50, before) : (minutes, before + 1), (passed, provider.Requests.Count));
    }

    [Theory]
    [InlineData("url: \"https://dyn.test/up?key=1\", user: me", "https://dyn.test/up?key=1&hostname=home.example.net&myip=198.51.100.7,2001:db8::7")]
    [InlineData("url: \"https://dyn.test/up/{name}?v4={ipv4}&v6={ipv6}\", user: me", "https://dyn.test/up/home.example.net?v4=198.51.100.7&v6=2001:db8::7")]
    [InlineData("url: https://dyn.test/up, user: me, only: ipv6", "https://dyn.test/up?hostname=home.example.net&myip=2001:db8::7")]
    [InlineData("url: https://dyn.test/up, user: me, addresses: 192.0.2.9", "https://dyn.test/up?hostname=home.example.net&myip=192.0.2.9")]
    public async Task The_address_that_is_asked(string settings, string expected)
    {
        var provider = new FakeProvider((_, _) => (HttpStatusCode.OK, "good"));
        using var http = new HttpClient(provider);
        await using var lab = new TargetLab($"home.example.net: {{by: dyndns2, {settings}, password-file: secret}}", new Dyndns2Way(http)) { Addresses = [IPAddress.Parse("198.51.100.7"), IPAddress.Parse("2001:db8::7")] };
        await lab.LookAsync();
        Assert.Equal("GET " + expected, provider.Requests.Single());
    }
}
