using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 3597 §4: only the types of RFC 1035 have their names compressed, since a receiver may not know of the others that there are names in them.</summary>
public sealed class Rfc3597UnknownTypeTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @      SOA    ns.example.com. ns.example.com. 1 7200 900 1209600 300
        @      NS     ns
        ns     A      192.0.2.53
        mx     MX     1 target.example.com.
        ptr    PTR    target.example.com.
        cname  CNAME  target.example.com.
        srv    SRV    0 0 1 target.example.com.
        dname  DNAME  target.example.com.
        naptr  NAPTR  1 1 "s" "" "" target.example.com.
        rp     RP     target.example.com. target.example.com.
        afsdb  AFSDB  1 target.example.com.
        svcb   SVCB   1 target.example.com. alpn=h2
        https  HTTPS  1 target.example.com. alpn=h2
        kx     TYPE36 \# 22 0001 06746172676574076578616D706C6503636F6D00
        new    TYPE65280 \# 20 06746172676574076578616D706C6503636F6D00
        empty  TYPE65280 \# 0
        """;

    private static readonly byte[] Target = Name.Parse("target.example.com.").Wire.ToArray();

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    [Theory]
    [InlineData("mx", "MX", true)]
    [InlineData("ptr", "PTR", true)]
    [InlineData("cname", "CNAME", true)]
    [InlineData("srv", "SRV", false)]
    [InlineData("dname", "DNAME", false)]
    [InlineData("naptr", "NAPTR", false)]
    [InlineData("rp", "RP", false)]
    [InlineData("afsdb", "AFSDB", false)]
    [InlineData("svcb", "SVCB", false)]
    [InlineData("https", "HTTPS", false)]
    [InlineData("kx", "TYPE36", false)]
    [InlineData("new", "TYPE65280", false)]
    public void The_name_in_the_data_of_a_type(string owner, string type, bool compressed)
    {
        var answer = Server.Raw(TestNameserver.Query($"{owner}.example.com.", type), Transport.Tcp)!;
        var message = TestNameserver.Read(answer);
        Assert.Single(message.Answer);
        Assert.True(message.Answer[0].Data.Wire.IndexOf(Target) >= 0);
        Assert.Equal(!compressed, answer.AsSpan().IndexOf(Target) >= 0);
    }

    [Fact]
    public void Data_may_be_empty() => Assert.True(Server.Ask("empty.example.com.", "TYPE65280").Answer.Single().Data.Wire.IsEmpty);
}
