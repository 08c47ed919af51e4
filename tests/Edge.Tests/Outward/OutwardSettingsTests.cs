using Edge.Settings;

namespace Edge.Tests.Outward;

/// <summary>What may stand under <c>outward</c>, and what is said of a mistake.</summary>
public sealed class OutwardSettingsTests
{
    [Theory]
    [InlineData("a.example.net: {by: dyndns2, url: https://h/u, user: u, password-file: f}", "")]
    [InlineData("a.example.net: {by: rfc2136, server: 192.0.2.53, key: k, secret-file: f, algorithm: hmac-sha512, zone: example.net}", "")]
    [InlineData("a.example.net: {by: desec, token-file: f}", "")]
    [InlineData("a.b.example.net: {by: cloudflare, token-file: f, zone: example.net, only: ipv4, addresses: [192.0.2.1]}", "")]
    [InlineData("a.example.net: dyndns2", "does not say how it is sent")]
    [InlineData("a.example.net: {url: https://h/u}", "does not say how it is sent")]
    [InlineData("a.example.net: {by: dyndns3}", "\"dyndns3\" is not one of cloudflare, desec, dyndns2, rfc2136")]
    [InlineData("home: {by: desec, token-file: f}", "is not the full name of a host")]
    [InlineData("\"*.example.net\": {by: desec, token-file: f}", "is not the full name of a host")]
    [InlineData("a.example.net: {by: dyndns2, url: https://h/u, user: u}", "has no password-file")]
    [InlineData("a.example.net: {by: dyndns2, user: u, password-file: f}", "has no url")]
    [InlineData("a.example.net: {by: dyndns2, url: https://h/u, password-file: f}", "has no user")]
    [InlineData("a.example.net: {by: dyndns2, url: \"ftp://h/u\", user: u, password-file: f}", "is not an http or https URL")]
    [InlineData("a.example.net: {by: dyndns2, url: \"https://u:p@h/u\", user: u, password-file: f}", "is not an http or https URL without a user in it")]
    [InlineData("a.example.net: {by: dyndns2, url: https://h/u, user: u, password-file: f, password: secret}", "is not a known key")]
    [InlineData("a.example.net: {by: rfc2136, key: k, secret-file: f}", "has no server")]
    [InlineData("a.example.net: {by: rfc2136, server: ns.example.net, key: k, secret-file: f}", "is not ADDRESS or ADDRESS:PORT")]
    [InlineData("a.example.net: {by: rfc2136, server: 192.0.2.53, key: k, secret-file: f, algorithm: md5}", "\"md5\" is not one of")]
    [InlineData("a.example.net: {by: desec, token-file: f, zone: example.org}", "does not lie in this zone")]
    [InlineData("a.example.net: {by: desec, token-file: f, addresses: [192.0.2.1, 192.0.2.2]}", "has several of one kind")]
    [InlineData("a.example.net: {by: desec, token-file: f}\n  A.example.net.: {by: desec, token-file: f}", "has a.example.net twice")]
    public void A_setting(string yaml, string problem)
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse($"outward:\n  {yaml}\n", "edge.yaml", problems);
        if (problem.Length == 0)
        {
            Assert.Empty(problems.All);
            return;
        }

        Assert.Contains(problems.All, one => one.ToString().Contains(problem, StringComparison.Ordinal));
        Assert.All(problems.All, one => Assert.StartsWith("edge.yaml:", one.ToString(), StringComparison.Ordinal));
    }
}
