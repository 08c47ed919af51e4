using Edge.Certificates;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Certificates;

public sealed class CertificateOptionsTests
{
    [Fact]
    public void Without_the_section_everything_comes_from_our_own_CA() => Assert.Null(CertificateOptions.Read(null).Acme);

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
        Assert.Equal("acme-v02.api.letsencrypt.org", options.Acme!.Directory.Host);
        Assert.Equal(["mailto:me@example.com", "mailto:you@example.com"], options.Acme.Contact);
    }

    [Theory]
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
