using Edge.Certificates;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Certificates;

public sealed class CertificateOptionsTests
{
    [Fact]
    public void Without_the_section_everything_comes_from_our_own_CA() => Assert.Empty(CertificateOptions.Read(null).Issuers);

    [Fact]
    public void A_full_section_is_read()
    {
        var (options, problems) = Read("""
            acme:
              directory: https://acme-v02.api.letsencrypt.org/directory
              contact: [mailto:me@example.com, you@example.com]
              agree-to-terms: true
            """);
        Assert.Empty(problems);
        Assert.Equal("acme-v02.api.letsencrypt.org", Assert.Single(options.Issuers).Directory.Host);
        Assert.Equal(["mailto:me@example.com", "mailto:you@example.com"], options.Issuers[0].Contact);
    }

    [Fact]
    public void Several_CAs_are_read_in_their_order_with_all_that_can_be_set()
    {
        var (options, problems) = Read("""
            acme:
              - directory: https://acme-v02.api.letsencrypt.org/directory
                agree-to-terms: true
                challenges: [tls-alpn-01, dns-01]
                profile: shortlived
                preferred-chain: Some Root
              - directory: https://ca.test/dir
                agree-to-terms: true
                profile: none
                staging: https://staging.test/dir
                external-account:
                  key-id: kid-1
                  hmac-key: c2VjcmV0
            addresses: [203.0.113.10, "2001:db8::1"]
            caa: false
            """);
        Assert.Empty(problems);
        var (first, second) = (options.Issuers[0], options.Issuers[1]);
        Assert.Equal(["tls-alpn-01", "dns-01"], first.Challenges);
        Assert.Equal(("shortlived", "Some Root", "acme-staging-v02.api.letsencrypt.org"), (first.Profile, first.PreferredChain, first.Staging!.Host));
        Assert.Equal(("", "staging.test", "kid-1"), (second.Profile, second.Staging!.Host, second.External!.KeyId));
        Assert.Equal("secret"u8.ToArray(), second.External.Key.ToArray());
        Assert.Equal(["dns-01"], second.Challenges);
        Assert.Equal(["203.0.113.10", "2001:db8::1"], options.Addresses);
        Assert.False(options.Caa);
        Assert.DoesNotContain("secret", second.External.ToString());
    }

    [Theory]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  challenges: [dns-02]", "edge.yaml:4: acme.challenges[0]: \"dns-02\" is not one of dns-01, http-01, tls-alpn-01, dns-persist-01")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  staging: http://ca.test", "is not an https:// URL")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  external-account: {key-id: a}", "needs \"hmac-key\"")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  external-account: {key-id: a, hmac-key: \"(\"}", "is not base64url")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  external-account: {hmac-key: YQ}", "needs \"key-id\"")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  trusted-root: /dev/zero", "it is a device or a pipe")]
    [InlineData("acme: [letsencrypt]", "a mapping with \"directory\" is needed here")]
    [InlineData("acme:\n  - {directory: https://ca.test/dir, agree-to-terms: true}\n  - {directory: https://ca.test/dir, agree-to-terms: true}", "is there twice")]
    [InlineData("acme:\n  - {directory: https://ca.test/dir, agree-to-terms: true}\n  - {directory: https://ca.test/dir/, agree-to-terms: true}", "would have the same folder")]
    [InlineData("addresses: [192.168.1.10]", "\"192.168.1.10\" is not an address of this box that the internet reaches")]
    [InlineData("addresses: [\"fd00::1\"]", "is not an address of this box that the internet reaches")]
    [InlineData("caa: maybe", "is not true or false")]
    [InlineData("acme:\n  agree-to-terms: true", "edge.yaml:1: acme: needs \"directory\"")]
    [InlineData("acme:\n  directory: https://acme-v02.api.letsencrypt.org/directory", "https://letsencrypt.org/repository/")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: false", "edge.yaml:3: acme.agree-to-terms: needs \"agree-to-terms: true\"")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: false", "https://ca.test/dir names them under meta.termsOfService")]
    [InlineData("acme:\n  directory: http://ca.test/dir\n  agree-to-terms: true", "edge.yaml:2: acme.directory: \"http://ca.test/dir\" is not an https:// URL")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  contact: [me]", "edge.yaml:4: acme.contact[0]: \"me\" is not a mail address")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  trusted-root: /not/there.pem", "edge.yaml:4: acme.trusted-root: /not/there.pem cannot be read: it is not there")]
    [InlineData("acme:\n  directory: https://ca.test/dir\n  agree-to-terms: true\n  contacts: [me@x.y]", "did you mean \"contact\"?")]
    [InlineData("acmee:\n  directory: https://ca.test/dir", "did you mean \"acme\"?")]
    public void A_mistake_is_told(string yaml, string expected)
    {
        var (_, problems) = Read(yaml);
        Assert.True(problems.Any(problem => problem.ToString().Contains(expected)), string.Join("\n", problems));
    }

    private static (CertificateOptions Options, IReadOnlyList<Problem> Problems) Read(string yaml)
    {
        var problems = new ProblemList();
        var map = YamlDocumentReader.Read(yaml, "edge.yaml", problems)!;
        return (CertificateOptions.Read(new MapReader(map, problems)), problems.All);
    }
}
