using System.Net;
using Edge.Dns.Nameserver;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>The cookies of RFC 9018 Appendix A, and how long they are good.</summary>
public sealed class Rfc9018CookieTests
{
    private const string FirstSecret = "e5e973e5a6b2a43f48e7dc849e37bfcf";

    [Theory]
    [InlineData("A.1: a new one", FirstSecret, "198.51.100.100", 1559731985, "2464c4abcf10c957", "2464c4abcf10c957010000005cf79f111f8130c3eee29480")]
    [InlineData("A.2: the same after ten minutes", FirstSecret, "198.51.100.100", 1559732585, "2464c4abcf10c957010000005cf79f111f8130c3eee29480", "2464c4abcf10c957010000005cf79f111f8130c3eee29480")]
    [InlineData("A.3: renewed after forty minutes, whatever the reserved bits", FirstSecret, "203.0.113.203", 1559734700, "fc93fc62807ddb8601abcdef5cf78f71a314227b6679ebf5", "fc93fc62807ddb86010000005cf7a9acf73a7810aca2381e")]
    [InlineData("A.4: over IPv6 with another secret", "445536bcd2513298075a5d379663c962", "2001:db8:220:1:59de:d0f4:8769:82b8", 1559741961, "22681ab97d52c298010000005cf7c57926556bd0934c72f8", "22681ab97d52c298010000005cf7c609a6bb79d16625507a")]
    public void Appendix_A(string what, string secret, string client, long now, string asked, string answered)
    {
        var cookies = new ServerCookies([Convert.FromHexString(secret)]);
        var option = Convert.FromHexString(asked);
        var address = ClientAddress.From(IPAddress.Parse(client));
        var answer = new byte[24];
        cookies.Write(option, cookies.Check(option, address, now), address, now, answer);
        Assert.Equal((what, answered), (what, Convert.ToHexStringLower(answer)));
    }

    private const long Made = 1559731985;
    private const string Cookie = "2464c4abcf10c957010000005cf79f111f8130c3eee29480";

    [Theory]
    [InlineData("at once", Cookie, "198.51.100.100", Made, "Good")]
    [InlineData("§4.3: an hour later", Cookie, "198.51.100.100", Made + 3600, "Good")]
    [InlineData("§4.3: later than that", Cookie, "198.51.100.100", Made + 3601, "Bad")]
    [InlineData("§4.3: five minutes of a clock that is ahead", Cookie, "198.51.100.100", Made - 300, "Good")]
    [InlineData("§4.3: more than that", Cookie, "198.51.100.100", Made - 301, "Bad")]
    [InlineData("§4.4: from another address", Cookie, "198.51.100.101", Made, "Bad")]
    [InlineData("of another client", "2464c4abcf10c958010000005cf79f111f8130c3eee29480", "198.51.100.100", Made, "Bad")]
    [InlineData("another hash", "2464c4abcf10c957010000005cf79f111f8130c3eee29481", "198.51.100.100", Made, "Bad")]
    [InlineData("another version", "2464c4abcf10c957020000005cf79f111f8130c3eee29480", "198.51.100.100", Made, "Bad")]
    [InlineData("a server cookie of another length", "2464c4abcf10c957010000005cf79f11", "198.51.100.100", Made, "Bad")]
    [InlineData("none of ours yet", "2464c4abcf10c957", "198.51.100.100", Made, "ClientOnly")]
    [InlineData("no option", "", "198.51.100.100", Made, "None")]
    public void Is(string what, string cookie, string client, long now, string expected)
    {
        var cookies = new ServerCookies([Convert.FromHexString(FirstSecret)]);
        Assert.Equal((what, expected), (what, cookies.Check(Convert.FromHexString(cookie), ClientAddress.From(IPAddress.Parse(client)), now).ToString()));
    }

    [Fact]
    public void RFC_9018_5_the_secret_before_is_still_accepted_and_no_longer_makes_any()
    {
        var client = ClientAddress.From(IPAddress.Parse("198.51.100.100"));
        var other = ServerCookies.NewSecret();
        var cookies = new ServerCookies([other, Convert.FromHexString(FirstSecret)]);
        Assert.Equal(CookieState.Good, cookies.Check(Convert.FromHexString(Cookie), client, Made));
        var answer = new byte[24];
        cookies.Write(Convert.FromHexString(Cookie)[..8], CookieState.ClientOnly, client, Made, answer);
        Assert.NotEqual(Cookie, Convert.ToHexStringLower(answer));
        cookies.Use([other]);
        Assert.Equal(CookieState.Bad, cookies.Check(Convert.FromHexString(Cookie), client, Made));
        Assert.Equal(CookieState.Good, cookies.Check(answer, client, Made));
    }
}
