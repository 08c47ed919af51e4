using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

public sealed class JsonWebSignatureTests
{
    [Fact]
    public void A_thumbprint_is_the_one_of_RFC_7638_section_3_1()
    {
        const string Modulus = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw";
        var canonical = JsonWebKey.Canonical(("n", Modulus), ("kty", "RSA"), ("e", "AQAB"));
        Assert.Equal("NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs", JsonWebKey.Thumbprint(canonical));
    }

    [Fact]
    public void The_key_of_RFC_7515_A_3_is_read_and_verifies_its_signature_in_the_form_we_sign_in()
    {
        using var theirs = ECDsa.Create(new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = { X = Base64Url.DecodeFromChars("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"), Y = Base64Url.DecodeFromChars("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0") },
            D = Base64Url.DecodeFromChars("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"),
        });
        using var key = AccountKey.FromPem(theirs.ExportPkcs8PrivateKeyPem());
        Assert.Equal("""{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}""", key.Jwk);

        var input = Encoding.ASCII.GetBytes("eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ");
        Assert.True(theirs.VerifyData(input, Base64Url.DecodeFromChars("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"), HashAlgorithmName.SHA256));
        var ours = key.Sign(input);
        Assert.Equal(64, ours.Length);
        Assert.True(theirs.VerifyData(input, ours, HashAlgorithmName.SHA256));
    }

    [Theory]
    [InlineData(null, "jwk", "kid")]
    [InlineData("https://ca.test/account/1?x=a%20b", "kid", "jwk")]
    public void A_request_names_the_key_or_the_account_and_never_both(string? account, string there, string notThere)
    {
        using var key = AccountKey.Create();
        var body = JsonWebSignature.Sign(key, account is null ? null : new Uri(account), "nonce-1", new Uri("https://ca.test/order"), ""u8);
        using var jws = JsonDocument.Parse(body);
        Assert.Equal("", jws.RootElement.GetProperty("payload").GetString());
        using var header = JsonDocument.Parse(Base64Url.DecodeFromChars(jws.RootElement.GetProperty("protected").GetString()));
        Assert.Equal("ES256", header.RootElement.GetProperty("alg").GetString());
        Assert.Equal("nonce-1", header.RootElement.GetProperty("nonce").GetString());
        Assert.Equal("https://ca.test/order", header.RootElement.GetProperty("url").GetString());
        Assert.True(header.RootElement.TryGetProperty(there, out var who));
        Assert.False(header.RootElement.TryGetProperty(notThere, out _));
        Assert.Equal(account ?? key.Jwk, account is null ? who.GetRawText() : who.GetString());
    }

    [Fact]
    public void The_text_of_a_dns_challenge_has_43_characters_and_comes_from_the_key_authorization()
    {
        using var key = AccountKey.Create();
        var text = new ChallengeAnswer { Type = ChallengeType.Dns01, Identifier = AcmeIdentifier.Of("example.com"), Account = new Uri("https://ca.test/1"), KeyAuthorization = key.KeyAuthorization("token") }.DnsText();
        Assert.Equal(43, text.Length);
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes($"token.{key.Thumbprint}"))), text);
    }
}
