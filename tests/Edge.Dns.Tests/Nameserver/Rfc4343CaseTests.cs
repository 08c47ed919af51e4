using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>RFC 4343: letters of ASCII match in either case and come back as they were asked; every other byte is only itself.</summary>
public sealed class Rfc4343CaseTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         SOA   ns hostmaster 1 7200 900 1209600 300
        @         NS    ns
        ns        A     192.0.2.53
        MiXed     A     192.0.2.1
        \091      A     192.0.2.2
        \064      A     192.0.2.3
        \228      A     192.0.2.4
        a\.b      A     192.0.2.5
        \000x     A     192.0.2.6
        to-mixed  CNAME mIxED.ExAmple.COM.
        """;

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    [Theory]
    [InlineData("§3: letters in either case", "mixed.example.com.", "192.0.2.1")]
    [InlineData("§3: in the origin as well", "MIXED.EXAMPLE.Com.", "192.0.2.1")]
    [InlineData("§3: [ is itself", "\\091.example.com.", "192.0.2.2")]
    [InlineData("§3: and not {, which is 32 above it", "\\123.example.com.", "")]
    [InlineData("§3: @ is itself", "\\064.example.com.", "192.0.2.3")]
    [InlineData("§3: and not `", "\\096.example.com.", "")]
    [InlineData("§3: a byte above 127 is itself", "\\228.example.com.", "192.0.2.4")]
    [InlineData("§3: and not what Latin-1 takes for its capital", "\\196.example.com.", "")]
    [InlineData("§2.1: a dot in a label parts no labels", "a\\.b.example.com.", "192.0.2.5")]
    [InlineData("§2.1: two labels are not one with a dot", "a.b.example.com.", "")]
    [InlineData("RFC 2181 §11: a zero byte", "\\000x.example.com.", "192.0.2.6")]
    [InlineData("RFC 2181 §11: is not the end of a name", "x.example.com.", "")]
    public void Section(string rule, string name, string address)
    {
        var query = TestNameserver.Query(name, "A");
        var answer = Server.Raw(query)!;
        var message = TestNameserver.Read(answer);
        Assert.Equal((rule, address), (rule, string.Concat(message.Answer.Select(record => string.Join('.', record.Data.Wire.ToArray())))));
        Assert.Equal(address.Length == 0 ? Rcode.NxDomain : Rcode.NoError, message.Rcode);
        // §4.1: as the client wrote it, bit for bit, in the question and in the owners that are it.
        Assert.Equal(query[12..], answer[12..query.Length]);
        Assert.All(message.Answer, record => Assert.Equal(Name.Parse(name).ToString(), record.Owner.ToString()));
    }

    [Fact]
    public void Section_4_1_a_target_keeps_the_case_of_its_record()
    {
        var message = Server.Ask("to-mixed.EXAMPLE.com.", "CNAME");
        Assert.Equal("mIxED.ExAmple.COM.", Name.FromWire(message.Answer[0].Data.Wire).ToString());
    }
}
