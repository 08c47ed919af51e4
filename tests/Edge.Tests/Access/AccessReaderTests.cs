using System.Text;
using Edge.Access;
using Edge.Services;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>What a service may say about who may use it, and what edge.yaml says for that.</summary>
public sealed class AccessReaderTests
{
    [Theory]
    [InlineData("""{}""", null)]
    [InlineData("""{"auth":"none"}""", null)]
    [InlineData("""{"allow":"lan"}""", """{"allow":["lan"]}""")]
    [InlineData("""{"allow":["lan","203.0.113.0/24","2001:db8::/32","203.0.113.9","ddns:Host.Example.NET."]}""", """{"allow":["lan","203.0.113.0/24","2001:db8::/32","203.0.113.9","ddns:host.example.net"]}""")]
    [InlineData("""{"auth":"basic","users":["anna","ben"]}""", """{"auth":"basic","users":["anna","ben"]}""")]
    [InlineData("""{"auth":"forward"}""", """{"auth":"forward"}""")]
    [InlineData("""{"auth":"oidc","groups":"family"}""", """{"auth":"oidc","groups":["family"]}""")]
    [InlineData("""{"rate":"10/s burst 20"}""", """{"rate":"10/s burst 20"}""")]
    [InlineData("""{"rate":"100/m"}""", """{"rate":"100/m burst 100"}""")]
    [InlineData("""{"rate":"1/h burst 1"}""", """{"rate":"1/h burst 1"}""")]
    public void What_a_service_says_is_read_and_kept_as_it_was_said(string json, string? expected)
    {
        var (access, problems) = Read(json);

        Assert.Empty(problems);
        Assert.Equal(expected, access?.Json);
        if (expected is not null)
        {
            Assert.Equal(access, ServiceAccess.Parse(expected));
        }
    }

    [Theory]
    [InlineData("""{"allow":[]}""", "allow: names nobody")]
    [InlineData("""{"allow":["wan"]}""", "allow[0]: \"wan\" is not lan, an address, a network")]
    [InlineData("""{"allow":["203.0.113.1/24"]}""", "a network without bits behind its prefix")]
    [InlineData("""{"allow":["ddns:*.example.net"]}""", "ddns:HOST")]
    [InlineData("""{"allow":["ddns:"]}""", "ddns:HOST")]
    [InlineData("""{"allow":{"lan":true}}""", "allow: a mapping is not lan")]
    [InlineData("""{"auth":"ldap"}""", "auth: \"ldap\" is not one of none, basic, forward, oidc")]
    [InlineData("""{"auth":"basic","groups":["family"]}""", "groups: needs auth: oidc beside it")]
    [InlineData("""{"auth":"forward","users":["anna"]}""", "users: needs auth: basic beside it")]
    [InlineData("""{"users":"anna"}""", "users: needs auth: basic beside it")]
    [InlineData("""{"rate":"10"}""", "rate: is not a rate (requests in a time")]
    [InlineData("""{"rate":"0/s"}""", "rate: is not a rate")]
    [InlineData("""{"rate":"10/d"}""", "rate: is not a rate")]
    [InlineData("""{"rate":"10/s burst"}""", "rate: is not a rate")]
    [InlineData("""{"rate":"10/s burst -1"}""", "rate: is not a rate")]
    public void A_mistake_is_told_with_its_field(string json, string expected) =>
        Assert.Contains(expected, Assert.Single(Read(json).Problems));

    [Theory]
    [InlineData("users: { anna: secret }", "access.users.anna: is not the hash of a password (\"edge access hash\" makes one")]
    [InlineData("users: { anna: $6$salt$hash }", "access.users.anna: is a hash of the kind \"$6$\", which is not understood")]
    [InlineData("users: { anna: [x] }", "access.users.anna: is a list; the hash of a password is needed here")]
    [InlineData("users: { \"an:na\": x }", "\"an:na\" is not a user's name")]
    [InlineData("users: { anna: $2b$31$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZABCDE }", "a cost that is not from 4 to 16")]
    [InlineData("users: { anna: \"$argon2id$v=19$m=99999999,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA\" }", "takes more than 256 MB")]
    [InlineData("users: { anna: $pbkdf2-sha256$2000000000$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA }", "is not the hash of a password")]
    [InlineData("forward: {}", "access.forward.url: is missing")]
    [InlineData("forward: { url: authelia:9091 }", "is not an http or https URL")]
    [InlineData("forward: { url: \"http://me:pw@authelia\" }", "is not an http or https URL")]
    [InlineData("forward: { url: \"http://authelia\", headers: [Cookie] }", "\"Cookie\" is not a header that only this gateway may set")]
    [InlineData("forward: { url: \"http://authelia\", headers: [\"a b\"] }", "is not the name of a header")]
    [InlineData("oidc: { issuer: \"https://id.example.com\" }", "access.oidc: needs client-id")]
    [InlineData("oidc: { client-id: edge }", "access.oidc: needs issuer")]
    [InlineData("oidc: { issuer: \"http://id.example.com\", client-id: edge }", "is not an https URL (plain http is for a provider on this machine only)")]
    [InlineData("oidc: { issuer: \"https://id.example.com\", client-id: edge, cookie-domain: example.org }", "\"example.org\" is not a domain of edge.home.arpa, where a login ends")]
    [InlineData("oidc: { issuer: \"https://id.example.com\", client-id: edge, client-secret: x }", "is not a known key")]
    [InlineData("bans: maybe", "is neither on, off nor a mapping")]
    [InlineData("bans: { after: { auth: -1 } }", "access.bans.after.auth: \"-1\" is not a whole number from 0")]
    [InlineData("bans: { never: [lan] }", "is not an address or a network")]
    [InlineData("bans: { for: 0s }", "is not a time from 1s to ten years")]
    [InlineData("bans: { crowdsec: { url: \"http://127.0.0.1:8080\" } }", "needs key-file")]
    [InlineData("bans: { crowdsec: { url: crowdsec, key-file: k } }", "is not an http or https URL")]
    [InlineData("frward: { url: \"http://authelia\" }", "did you mean \"forward\"?")]
    public void Mistakes_in_edge_yaml_are_told(string access, string expected)
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse($"access:\n  {access}\n", "edge.yaml", problems);

        Assert.Contains(expected, Assert.Single(problems.All).ToString());
    }

    [Fact]
    public void A_registration_keeps_who_may_use_it_and_one_that_cannot_be_read_is_none()
    {
        var registration = new Registration
        {
            Name = "photos", Hosts = ["photos.example.com"], To = [new Uri("http://10.0.0.1")], Expose = Exposure.Everywhere, TimeToLive = TimeSpan.FromSeconds(60), Owner = "t", Since = 0,
            Access = Read("""{"allow":"lan","auth":"basic","rate":"10/s"}""").Access,
        };
        var stored = RegistrationFormat.Write(registration);

        Assert.Equal(registration, RegistrationFormat.Read(stored));
        Assert.Equal(registration.Access, RegistrationFormat.Read(stored)!.ToService(null).Access);
        // A guard that an older Edge does not know: no service without it.
        Assert.Null(RegistrationFormat.Read(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stored).Replace("\"basic\"", "\"retina\""))));
    }

    private static (ServiceAccess? Access, List<string> Problems) Read(string json)
    {
        var problems = new ProblemList();
        var reader = new MapReader(JsonDocumentReader.Read(Encoding.UTF8.GetBytes(json), problems)!, problems);
        var access = ServiceAccessReader.Read(reader);
        reader.Done();
        return (access, [.. problems.All.Select(problem => problem.ToString())]);
    }
}
