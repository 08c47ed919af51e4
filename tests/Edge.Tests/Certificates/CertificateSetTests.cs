using Edge.Certificates;
using Xunit;

namespace Edge.Tests.Certificates;

public sealed class CertificateSetTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("photos.nas.example.com", "exact:photos.nas.example.com", "an exact name comes before the wildcard")]
    [InlineData("PHOTOS.nas.Example.COM", "exact:photos.nas.example.com", "case does not matter")]
    [InlineData("photos.nas.example.com.", "exact:photos.nas.example.com", "a trailing dot does not matter")]
    [InlineData("music.nas.example.com", "level:*.nas.example.com", "a wildcard covers one label")]
    [InlineData("a.b.nas.example.com", "node", "a wildcard covers exactly one label")]
    [InlineData("nas.example.com", "level:*.nas.example.com", "the level's own name stands in its certificate")]
    [InlineData("*.nas.example.com", "level:*.nas.example.com", "a star in a ClientHello is a label as any other")]
    [InlineData("xnas.example.com", "node", "a suffix that is no label is not covered")]
    [InlineData(".nas.example.com", "node", "an empty label is not covered")]
    [InlineData("unknown.test", "node", "what nobody covers gets the default")]
    [InlineData("", "node", "no name gets the default")]
    [InlineData(null, "node", "no name gets the default")]
    public void A_handshake_gets(string? sni, string expected, string law)
    {
        var selector = new CertificateSelector();
        selector.Publish(CertificateSet.Build(
            [
                Make("exact", "photos.nas.example.com"),
                Make("level", "*.nas.example.com", "nas.example.com"),
                Make("node", "box.example.org"),
            ],
            "box.example.org", Now));
        var selected = selector.Select(sni)!;
        Assert.True(expected.Split(':')[0] == selected.Id.Issuer, $"{law}: {selected.Id}");
    }

    [Fact]
    public void Before_the_first_set_there_is_nothing_to_show() => Assert.Null(new CertificateSelector().Select("nas.example.com"));

    [Theory]
    [InlineData("ca", 90, "internal", 90, "ca", "a public certificate comes before ours")]
    [InlineData("ca", -1, "internal", 90, "internal", "but not when it has expired")]
    [InlineData("ca", -1, "internal", -1, "ca", "when both have expired the public one still serves")]
    [InlineData("ca", 30, "ca", 60, "60", "of two alike the one that lasts longer")]
    public void Of_two_certificates_for_one_name(string issuerA, int daysA, string issuerB, int daysB, string winner, string law)
    {
        var a = Make(issuerA, daysA, "nas.example.com");
        var b = Make(issuerB, daysB, "nas.example.com");
        foreach (var order in new[] { new[] { a, b }, [b, a] })
        {
            var set = CertificateSet.Build(order, "nas.example.com", Now);
            var found = set.Find("nas.example.com")!;
            Assert.True(found.Issuer == winner || winner == "60" && ReferenceEquals(found, b), law);
            Assert.Same(found, set.Default);
        }
    }

    [Fact]
    public void A_valid_public_wildcard_comes_before_our_own_exact_certificate()
    {
        var set = CertificateSet.Build([Make("internal", "photos.nas.example.com"), Make("ca", "*.nas.example.com")], "x", Now);
        Assert.Equal("ca", set.Find("photos.nas.example.com")!.Issuer);
    }

    internal static ServedCertificate Make(string issuer, params string[] names) => Make(issuer, 90, names);

    internal static ServedCertificate Make(string issuer, int daysLeft, params string[] names)
    {
        using var folder = new TemporaryFolder();
        var authority = TestAuthority.Open(folder.Path, Now.AddDays(daysLeft - 90));
        return ServedCertificate.Create(new CertificateId(issuer, names[0]), "/certificates/x.crt", authority.Issue(names));
    }
}
