using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Access.Oidc;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>OpenID Connect Core 1.0 section 3.1.3.7: which id tokens are not believed. That sound ones are, the provider of npm shows.</summary>
public sealed class IdTokenTests
{
    private const string Sound = """{"iss":"https://id","aud":"edge","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""";

    private static readonly DateTimeOffset Now = DateTimeOffset.FromUnixTimeSeconds(2_000_000_000);
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private static readonly ECDsa Other = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    [Theory]
    [InlineData(Sound, "")]
    [InlineData("""{"iss":"https://id","aud":["edge","x"],"azp":"edge","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "")]
    [InlineData("""{"iss":"https://id/","aud":"edge","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "another issuer")]
    [InlineData("""{"iss":"https://id","aud":"other","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "another client")]
    [InlineData("""{"iss":"https://id","aud":["edge","x"],"sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "another client")]
    [InlineData("""{"iss":"https://id","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "another client")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":1999999900,"iat":1999999000,"nonce":"n"}""", "expired")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","iat":2000000000,"nonce":"n"}""", "expired")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":"2000000100","iat":2000000000,"nonce":"n"}""", "expired")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":2000000900,"iat":2000000500,"nonce":"n"}""", "from the future")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":2000000900,"iat":2000000000,"nbf":2000000500,"nonce":"n"}""", "not valid yet")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"m"}""", "another login")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"anna","exp":2000000100,"iat":2000000000}""", "another login")]
    [InlineData("""{"iss":"https://id","aud":"edge","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "names nobody")]
    [InlineData("""{"iss":"https://evil","iss":"https://id","aud":"edge","sub":"anna","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "not a signed token")]
    [InlineData("""{"iss":"https://id","aud":"edge","sub":"\ud800","exp":2000000100,"iat":2000000000,"nonce":"n"}""", "not a signed token")]
    [InlineData("[]", "not a signed token")]
    public void Claims_are_checked(string claims, string expected) => Check(Sign("""{"alg":"ES256","kid":"one"}""", claims, Key), expected);

    [Theory]
    [InlineData("""{"alg":"none"}""", "is signed with \"none\"")]
    [InlineData("""{"alg":"HS256","kid":"one"}""", "is signed with \"HS256\"")]
    [InlineData("""{"kid":"one"}""", "is signed with \"\"")]
    [InlineData("""{"alg":"RS256","kid":"one"}""", "has no such key")]
    [InlineData("""{"alg":"ES256","kid":"two"}""", "has no such key")]
    [InlineData("""{"alg":"ES256","kid":"one","crit":["exp"],"exp":1}""", "not a signed token")]
    [InlineData("""{"alg":"ES256","kid":"\ud800"}""", "not a signed token")]
    [InlineData("""{"alg":"ES256"}""", "")]
    public void The_header_is_checked(string header, string expected) => Check(Sign(header, Sound, Key), expected);

    [Fact]
    public void A_signature_of_another_key_or_of_other_claims_is_none()
    {
        Check(Sign("""{"alg":"ES256","kid":"one"}""", Sound, Other), "signature is wrong");
        var parts = Sign("""{"alg":"ES256","kid":"one"}""", Sound, Key).Split('.');
        Check($"{parts[0]}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Sound.Replace("anna", "root", StringComparison.Ordinal)))}.{parts[2]}", "signature is wrong");
        Check($"{parts[0]}.{parts[1]}.", "signature is wrong");
        Check($"{parts[0]}.{parts[1]}", "not a signed token");
        Check("", "not a signed token");
        Check(new string('a', 100_000), "not a signed token");
    }

    [Fact]
    public void A_short_RSA_key_is_none()
    {
        using var rsa = RSA.Create(1024);
        var parameters = rsa.ExportParameters(false);
        var keys = Json($$"""{"keys":[{"kty":"RSA","kid":"one","n":"{{Base64Url.EncodeToString(parameters.Modulus)}}","e":"{{Base64Url.EncodeToString(parameters.Exponent)}}"}]}""");
        var signed = $"{Base64Url.EncodeToString("""{"alg":"RS256","kid":"one"}"""u8)}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(Sound))}";
        var signature = rsa.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);

        Assert.Null(IdToken.Read($"{signed}.{Base64Url.EncodeToString(signature)}", keys, "https://id", "edge", "n", Now, out var wrong, out _));
        Assert.Equal("its signature is wrong", wrong);
    }

    private static void Check(string token, string expected)
    {
        var point = Key.ExportParameters(false).Q;
        var keys = Json($$"""{"keys":[{"kty":"EC","crv":"P-256","kid":"one","use":"sig","x":"{{Base64Url.EncodeToString(point.X)}}","y":"{{Base64Url.EncodeToString(point.Y)}}"},{"kty":"oct","kid":"one","k":"c2VjcmV0"}]}""");
        var claims = IdToken.Read(token, keys, "https://id", "edge", "n", Now, out var wrong, out _);

        Assert.Equal(expected.Length == 0, claims is not null);
        Assert.Contains(expected, expected.Length == 0 ? "" : wrong);
    }

    private static string Sign(string header, string claims, ECDsa key)
    {
        var signed = $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(claims))}";
        return $"{signed}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation))}";
    }

    private static JsonElement Json(string text) => JsonDocument.Parse(text).RootElement.Clone();
}
