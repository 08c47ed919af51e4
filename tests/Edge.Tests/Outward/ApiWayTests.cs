using System.Net;
using Edge.Outward;

namespace Edge.Tests.Outward;

/// <summary>APIs of providers, played by fakes in this process: what is foreign stays, what is ours follows.</summary>
public sealed class ApiWayTests
{
    private const string Mark = $"\"{TargetLab.Mark}\"";

    [Theory]
    [InlineData("desec")]
    [InlineData("cloudflare")]
    public async Task A_name_comes_with_its_mark_follows_and_loses_what_is_gone(string by)
    {
        var (desec, cloudflare) = (new FakeDesec(), new FakeCloudflare());
        var provider = new FakeProvider((request, body) => by == "desec" ? desec.Answer(request, body) : cloudflare.Answer(request, body));
        using var http = new HttpClient(provider);
        await using var lab = Lab(by, http);
        string Have() => by == "desec" ? string.Join('|', desec.Sets.Select(set => $"{set.Key} {string.Join(',', set.Value)}")) : string.Join('|', cloudflare.Records.Values.Order(StringComparer.Ordinal).Select(record => record.Replace(".example.org", "", StringComparison.Ordinal)));
        if (by == "desec")
        {
            desec.Sets["home MX"] = ["10 mail.example.org."];
        }
        else
        {
            cloudflare.Add("home.example.org", "MX", "10 mail.example.org.");
        }

        (string Addresses, string Outcome, string Have)[] steps =
        [
            ("198.51.100.7", "Sent", $"_edge.home TXT {Mark}|home A 198.51.100.7|home MX 10 mail.example.org."),
            ("198.51.100.7", "Unchanged", $"_edge.home TXT {Mark}|home A 198.51.100.7|home MX 10 mail.example.org."),
            ("198.51.100.8 2001:db8::8", "Sent", $"_edge.home TXT {Mark}|home A 198.51.100.8|home AAAA 2001:db8::8|home MX 10 mail.example.org."),
            ("2001:db8::8", "Sent", $"_edge.home TXT {Mark}|home AAAA 2001:db8::8|home MX 10 mail.example.org."),
        ];
        foreach (var (addresses, outcome, have) in steps)
        {
            lab.Addresses = [.. addresses.Split(' ').Select(IPAddress.Parse)];
            lab.Time.Advance(TimeSpan.FromHours(30));
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromHours(30));
            await lab.LookAsync();
            Assert.Equal((addresses, have.Replace("mail.example.org", by == "desec" ? "mail.example.org" : "mail", StringComparison.Ordinal)), (addresses, Have()));
            Assert.Contains(lab.Target.State!.Outcome.ToString(), (string[])[outcome, "Unchanged"]);
        }

        var writes = provider.Requests.Count(request => !request.StartsWith("GET", StringComparison.Ordinal));
        Assert.Equal(3, writes);
    }

    [Theory]
    [InlineData("desec")]
    [InlineData("cloudflare")]
    public async Task A_name_without_addresses_is_not_taken_where_somebody_has_a_text_at_its_mark(string by)
    {
        var (desec, cloudflare) = (new FakeDesec(), new FakeCloudflare());
        desec.Sets["_edge.home TXT"] = ["\"of somebody\""];
        cloudflare.Add("_edge.home.example.org", "TXT", "\"of somebody\"");
        using var http = new HttpClient(new FakeProvider((request, body) => by == "desec" ? desec.Answer(request, body) : cloudflare.Answer(request, body)));
        await using var lab = Lab(by, http);
        await lab.LookAsync();
        Assert.Equal(PushOutcome.Foreign, lab.Target.State!.Outcome);
        Assert.Single(desec.Sets);
        Assert.Single(cloudflare.Records);
    }

    [Theory]
    [InlineData(null, "Sent")] // as an older version kept it
    [InlineData("here", "Sent")]
    [InlineData("Desec https://elsewhere.example/ example.org", "Foreign")]
    public async Task A_mark_of_the_former_form_is_ours_only_where_the_name_was_sent(string? sentTo, string outcome)
    {
        var desec = new FakeDesec();
        desec.Sets["_edge.home TXT"] = [$"\"{TargetLab.Former}\""];
        desec.Sets["home A"] = ["192.0.2.9"];
        using var http = new HttpClient(new FakeProvider(desec.Answer));
        await using var lab = Lab("desec", http);
        lab.Target = lab.Open(new PushState("home.example.org", PushOutcome.Sent, "", new PushedAddresses("192.0.2.9", null), default, default, "", 0) { SentTo = sentTo == "here" ? lab.Name.Provider : sentTo });
        await lab.LookAsync();
        Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
        Assert.Equal(outcome == "Sent" ? lab.Name.Provider : sentTo, lab.Target.State.SentTo);
    }

    [Theory]
    [InlineData(TargetLab.Others, true, "Foreign", "it is another box's: the TXT at _edge.home.example.org says \"heritage=edge,box=ffeeddccbbaa99887766554433221100,owner=nas.example.com\"")]
    [InlineData(TargetLab.Mark + "|" + TargetLab.Others, true, "Foreign", "two boxes claim it")]
    [InlineData(TargetLab.Former + "|" + TargetLab.Others, true, "Foreign", "two boxes claim it")]
    [InlineData("heritage=edge,owner=other.example.com", true, "Foreign", "says \"heritage=edge,owner=other.example.com\"")]
    [InlineData(TargetLab.Former, false, "Foreign", "says \"heritage=edge,owner=nas.example.com\"")]
    [InlineData(TargetLab.Former, true, "Sent", "")]
    [InlineData(TargetLab.Former + "|" + TargetLab.Mark, false, "Sent", "")]
    [InlineData("heritage=edge,box=" + TargetLab.Box + ",owner=before.example.com", false, "Sent", "")]
    [InlineData(TargetLab.Mark + "|of somebody", false, "Sent", "")]
    public async Task Whose_a_name_is_its_marks_say(string marks, bool hasSent, string outcome, string why)
    {
        foreach (var by in (string[])["desec", "cloudflare"])
        {
            var (desec, cloudflare) = (new FakeDesec(), new FakeCloudflare());
            desec.Sets["_edge.home TXT"] = [.. marks.Split('|').Select(mark => $"\"{mark}\"")];
            desec.Sets["home A"] = ["192.0.2.9"];
            cloudflare.Add("home.example.org", "A", "192.0.2.9");
            foreach (var mark in marks.Split('|'))
            {
                cloudflare.Add("_edge.home.example.org", "TXT", $"\"{mark}\"");
            }

            string[] Texts() => by == "desec" ? [.. desec.Sets["_edge.home TXT"].Order(StringComparer.Ordinal)] : [.. cloudflare.Records.Values.Where(record => record.StartsWith("_edge", StringComparison.Ordinal)).Select(record => record.Split(' ', 3)[2]).Order(StringComparer.Ordinal)];
            string Address() => by == "desec" ? desec.Sets["home A"].Single() : cloudflare.Records.Values.Single(record => record.Contains(" A ", StringComparison.Ordinal)).Split(' ')[2];
            var before = Texts();
            using var http = new HttpClient(new FakeProvider((request, body) => by == "desec" ? desec.Answer(request, body) : cloudflare.Answer(request, body)));
            await using var lab = Lab(by, http);
            lab.Target = lab.Open(hasSent ? new PushState("home.example.org", PushOutcome.Sent, "", new PushedAddresses("192.0.2.9", null), default, default, "", 0) : null);
            await lab.LookAsync();
            Assert.Equal(outcome, lab.Target.State!.Outcome.ToString());
            Assert.Contains(why, lab.Target.State.Why, StringComparison.Ordinal);
            string[] kept = [.. marks.Split('|').Where(mark => mark == "of somebody")];
            Assert.Equal(outcome == "Sent" ? [.. kept.Append(TargetLab.Mark).Select(mark => $"\"{mark}\"").Order(StringComparer.Ordinal)] : before, Texts());
            Assert.Equal(outcome == "Sent" ? "198.51.100.7" : "192.0.2.9", Address());

            // Once it is written anew, nothing more is written.
            lab.Time.Advance(TimeSpan.FromHours(30));
            await lab.LookAsync();
            Assert.Equal(outcome == "Sent" ? "Unchanged" : outcome, lab.Target.State.Outcome.ToString());
        }
    }

    [Theory]
    [InlineData("desec", "A")]
    [InlineData("desec", "CNAME")]
    [InlineData("desec", "mark")]
    [InlineData("cloudflare", "A")]
    [InlineData("cloudflare", "CNAME")]
    [InlineData("cloudflare", "mark")]
    public async Task What_is_there_without_our_mark_is_let_alone_and_told(string by, string there)
    {
        var (desec, cloudflare) = (new FakeDesec(), new FakeCloudflare());
        var (sub, type, data) = there switch { "A" => ("home", "A", "192.0.2.1"), "CNAME" => ("home", "CNAME", "other.example.org."), _ => ("_edge.home", "TXT", "\"heritage=edge,owner=other.example.net\"") };
        desec.Sets[$"{sub} {type}"] = [data];
        cloudflare.Add($"{sub}.example.org", type, data);
        var provider = new FakeProvider((request, body) => by == "desec" ? desec.Answer(request, body) : cloudflare.Answer(request, body));
        using var http = new HttpClient(provider);
        await using var lab = Lab(by, http);
        await lab.LookAsync();
        Assert.Equal(PushOutcome.Foreign, lab.Target.State!.Outcome);
        Assert.All(provider.Requests, request => Assert.StartsWith("GET", request, StringComparison.Ordinal));
        Assert.Contains(lab.Log.Lines, line => line.Contains("it was left alone", StringComparison.Ordinal) && line.Contains(Mark, StringComparison.Ordinal));

        // It is looked at again the next day, not before; then with our mark it is taken over.
        var before = provider.Requests.Count;
        lab.Time.Advance(TimeSpan.FromHours(20));
        await lab.LookAsync();
        Assert.Equal(before, provider.Requests.Count);
        desec.Sets.Remove("home CNAME");
        desec.Sets["_edge.home TXT"] = [Mark];
        cloudflare.Records.Clear();
        cloudflare.Add("_edge.home.example.org", "TXT", Mark);
        lab.Time.Advance(TimeSpan.FromHours(20));
        await lab.LookAsync();
        Assert.Equal(PushOutcome.Sent, lab.Target.State.Outcome);
    }

    [Theory]
    [InlineData("desec")]
    [InlineData("cloudflare")]
    public async Task A_token_that_is_not_taken_is_shown_once_and_a_limit_is_kept(string by)
    {
        var status = HttpStatusCode.Unauthorized;
        var provider = new FakeProvider((_, _) => (status, """{"detail":"no"}"""));
        using var http = new HttpClient(provider);
        await using var lab = Lab(by, http);
        for (var hour = 0; hour < 100; hour++)
        {
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.Equal((1, PushOutcome.Refused), (provider.Requests.Count, lab.Target.State!.Outcome));
        (status, provider.RetryAfter) = (HttpStatusCode.TooManyRequests, TimeSpan.FromHours(5));
        await File.WriteAllTextAsync(lab.SecretFile, "another");
        for (var hour = 0; hour < 22; hour++)
        {
            await lab.LookAsync();
            lab.Time.Advance(TimeSpan.FromHours(1));
        }

        Assert.InRange(provider.Requests.Count, 4, 6);
        Assert.Equal(PushOutcome.Failed, lab.Target.State.Outcome);
    }

    private static TargetLab Lab(string by, HttpClient http)
    {
        var (mark, api) = (new OwnershipMark(TargetLab.Box, "nas.example.com"), new ApiClient(http, by == "desec" ? "Token" : "Bearer"));
        return new TargetLab($"home.example.org: {{by: {by}, token-file: secret}}", by == "desec" ? new DesecWay(mark, api) : new CloudflareWay(mark, api));
    }
}
