using Edge.Acme;
using Edge.Acme.Hosting;
using Edge.Tests.HouseRules;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>The options of an application from its configuration.</summary>
public sealed class EdgeCertificatesSectionTests
{
    [Fact]
    public void Every_option_is_read_by_its_name()
    {
        var options = Read("""
            {
              "AcceptTermsOfService": true, "EmailAddress": "me@example.com", "DomainNames": ["www.example.com", "example.com"],
              "TrustedRoot": "root.pem", "AllowedChallengeTypes": ["Http01"], "Directory": "https://ca.example/dir", "Profile": "", "PreferredChain": "A Root",
              "ExternalAccount": { "KeyId": "kid-1", "Key": "c2VjcmV0Kw==" }
            }
            """);
        Assert.Equal((true, "me@example.com", "root.pem"), (options.AcceptTermsOfService, options.EmailAddress, options.TrustedRoot));
        Assert.Equal(["www.example.com", "example.com"], options.DomainNames);
        Assert.Equal([ChallengeType.Http01], options.AllowedChallengeTypes);
        var only = Assert.Single(options.Authorities);
        Assert.Equal((new Uri("https://ca.example/dir"), "", "A Root", "kid-1"), (only.Directory, only.Profile, only.PreferredChain, only.ExternalAccount?.KeyId));
        Assert.Equal("secret+"u8.ToArray(), only.ExternalAccount!.Key.ToArray());
    }

    [Fact]
    public void What_is_not_there_stays_as_it_is()
    {
        var options = Read("{}");
        Assert.False(options.AcceptTermsOfService);
        Assert.Equal([ChallengeType.TlsAlpn01, ChallengeType.Http01], options.AllowedChallengeTypes);
        Assert.Equal(EdgeCertificatesOptions.LetsEncrypt, Assert.Single(options.Authorities).Directory);
    }

    [Fact]
    public void Several_CAs_are_asked_in_their_order_and_the_one_for_tests_alone()
    {
        const string Two = """{ "Issuers": [{ "Directory": "https://a.example/dir", "Profile": "short" }, { "Directory": "https://b.example/dir" }]""";
        Assert.Equal([("https://a.example/dir", "short"), ("https://b.example/dir", null)], Read(Two + "}").Authorities.Select(one => (one.Directory.AbsoluteUri, one.Profile)));
        Assert.Equal([EdgeCertificatesOptions.LetsEncryptStaging], Read(Two + """, "UseStagingServer": true }""").Authorities.Select(one => one.Directory));
    }

    [Fact]
    public void The_example_of_the_package_is_read()
    {
        var page = Repository.Text("src/Edge.Acme/README.md").Split("```json\n")[1].Split("```")[0];
        using var json = System.Text.Json.JsonDocument.Parse(page);
        var options = Read(json.RootElement.GetProperty("EdgeCertificates").GetRawText());
        Assert.True(options.AcceptTermsOfService);
        Assert.Equal([null, "kid-1"], options.Authorities.Select(one => one.ExternalAccount?.KeyId));
    }

    [Theory]
    [InlineData("""{ "AcceptTermsOfService": "perhaps" }""", "neither true nor false")]
    [InlineData("""{ "Directory": "http://ca.example/dir" }""", "no https:// URL")]
    [InlineData("""{ "AllowedChallengeTypes": "smoke-01" }""", "no challenge")]
    [InlineData("""{ "Issuers": [{ "Profile": "short" }] }""", "needs a Directory")]
    [InlineData("""{ "ExternalAccount": { "KeyId": "k", "Key": "?" } }""", "not the key in base64url")]
    public void What_is_wrong_is_told(string json, string words) => Assert.Contains(words, Assert.ThrowsAny<FormatException>(() => Read(json)).Message);

    /// <summary>They would overwrite each other's account.</summary>
    [Theory]
    [InlineData("https://ca.example/a/b", "https://ca.example/a-b")]
    [InlineData("https://ca.example/dir", "https://ca.example/dir/")]
    [InlineData("https://ca.example/dir?of=1", "https://ca.example/dir?of=2")]
    public void Two_CAs_whose_folders_would_be_one_are_named(string one, string other)
    {
        var options = Read($$"""{ "Issuers": [ { "Directory": "{{one}}" }, { "Directory": "{{other}}" } ] }""");
        Assert.StartsWith($"Issuers: {one} and {other} would have the same folder", Assert.Throws<InvalidOperationException>(() => options.Authorities).Message, StringComparison.Ordinal);
    }

    private static EdgeCertificatesOptions Read(string json)
    {
        using var stream = new MemoryStream(System.Text.Encoding.UTF8.GetBytes($$"""{ "EdgeCertificates": {{json}} }"""));
        var services = new ServiceCollection();
        services.AddEdgeCertificates(new ConfigurationBuilder().AddJsonStream(stream).Build().GetSection("EdgeCertificates"));
        using var provider = services.BuildServiceProvider();
        return provider.GetRequiredService<IOptions<EdgeCertificatesOptions>>().Value;
    }
}
