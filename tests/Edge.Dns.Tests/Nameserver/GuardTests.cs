using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>What is not a query as it should be: RFC 1035 §4.1.1, RFC 6891, RFC 8906, RFC 9619.</summary>
public sealed class GuardTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @   SOA ns hostmaster 1 7200 900 1209600 300
        @   NS  ns
        ns  A   192.0.2.53
        """;

    private const string Ns = "026E73076578616D706C6503636F6D00 0001 0001";

    private static readonly TestNameserver Server = TestNameserver.With(("example.com.", Zone));

    public static TheoryData<string, string> Dropped => new()
    {
        { "RFC 1035 §4.1.1: less than a header", "1234 0100 0001 0000 0000 00" },
        { "an answer, which an answer would only make worse", $"1234 8100 0001 0000 0000 0000 {Ns}" },
        { "nothing", "" },
    };

    [Theory]
    [MemberData(nameof(Dropped))]
    public void Is_not_answered(string what, string hex) => Assert.True(Server.Raw(Bytes(hex)) is null, what);

    public static TheoryData<string, string, Rcode> Refused => new()
    {
        { "RFC 1035 §4.1.1: a question that ends early", "1234 0100 0001 0000 0000 0000 036E73", Rcode.FormErr },
        { "RFC 1035 §4.1.4: a question that points at itself", "1234 0100 0001 0000 0000 0000 C00C 0001 0001", Rcode.FormErr },
        { "RFC 1035 §4.1.4: a record's owner that points at itself", $"1234 0100 0001 0000 0000 0001 {Ns} C020 0001 0001 00000000 0000", Rcode.FormErr },
        { "RFC 1035 §4.1.4: a record's owner that points ahead", $"1234 0100 0001 0001 0000 0000 {Ns} C022 0001 0001 00000000 0000", Rcode.FormErr },
        { "RFC 1035 §4.1.4: a record's owner that points behind the end", $"1234 0100 0001 0000 0001 0000 {Ns} FFFF 0001 0001 00000000 0000", Rcode.FormErr },
        { "RFC 9619 §4: no question", "1234 0100 0000 0000 0000 0000", Rcode.FormErr },
        { "RFC 9619 §4: two questions", $"1234 0100 0002 0000 0000 0000 {Ns} {Ns}", Rcode.FormErr },
        { "bytes after the end", $"1234 0100 0001 0000 0000 0000 {Ns} 00", Rcode.FormErr },
        { "RFC 8906 §8.1.4: an opcode nobody knows", $"1234 7900 0001 0000 0000 0000 {Ns}", Rcode.NotImp },
        { "RFC 1996: NOTIFY", $"1234 2000 0001 0000 0000 0000 {Ns}", Rcode.NotImp },
        { "RFC 6891 §6.1.1: two OPT records", $"1234 0100 0001 0000 0000 0002 {Ns} 00 0029 04D0 00000000 0000 00 0029 04D0 00000000 0000", Rcode.FormErr },
        { "RFC 6891 §6.1.2: OPT that the root does not own", $"1234 0100 0001 0000 0000 0001 {Ns} C00C 0029 04D0 00000000 0000", Rcode.FormErr },
        { "RFC 6891 §6.1.1: OPT in the answer section", $"1234 0100 0001 0001 0000 0000 {Ns} 00 0029 04D0 00000000 0000", Rcode.FormErr },
        { "RFC 6891 §6.1.2: an option longer than OPT", $"1234 0100 0001 0000 0000 0001 {Ns} 00 0029 04D0 00000000 0004 FDE9 0001", Rcode.FormErr },
        { "RFC 6891 §6.1.3: EDNS version 1", $"1234 0100 0001 0000 0000 0001 {Ns} 00 0029 04D0 00010000 0000", Rcode.BadVers },
        { "RFC 8906 §8.2.6: EDNS version 1 with an option and a flag", $"1234 0100 0001 0000 0000 0001 {Ns} 00 0029 04D0 00010040 0004 FDE9 0000", Rcode.BadVers },
        { "class CHAOS: who this server is stays its own business", "1234 0100 0001 0000 0000 0000 0776657273696F6E0462696E6400 0010 0003", Rcode.Refused },
        { "a zone transfer", "1234 0000 0001 0000 0000 0000 076578616D706C6503636F6D00 00FC 0001", Rcode.Refused },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Gets_a_code_and_its_id_and_no_data(string what, string hex, Rcode rcode)
    {
        var raw = Server.Raw(Bytes(hex));
        Assert.NotNull(raw);
        var message = TestNameserver.Read(raw);
        Assert.True(rcode == message.Rcode, $"{what}: {message.Rcode}");
        Assert.Equal(0x1234, message.Id);
        Assert.Empty(message.Answer);
        Assert.Empty(message.Authority);
        Assert.Equal((byte)0, message.Edns?.Version ?? 0);
    }

    private const string Opt = "00 0029 04D0 00000000 0000";
    private const string OptWithDo = "00 0029 04D0 00008000 0000";

    public static TheoryData<string, string, Rcode, bool?> WithoutQuestion => new()
    {
        { "RFC 6891 §7: NOTIMP with EDNS", $"1234 7900 0001 0000 0000 0001 {Ns} {Opt}", Rcode.NotImp, false },
        { "RFC 3225 §3: NOTIMP with DO", $"1234 7900 0001 0000 0000 0001 {Ns} {OptWithDo}", Rcode.NotImp, true },
        { "RFC 2136: UPDATE with a record and EDNS", $"1234 2800 0001 0000 0001 0001 {Ns} C00C 0001 0001 0000003C 0004 C0000201 {Opt}", Rcode.NotImp, false },
        { "RFC 9619 §4: no question, with EDNS", $"1234 0100 0000 0000 0000 0001 {Opt}", Rcode.FormErr, false },
        { "RFC 9619 §4: two questions, with EDNS", $"1234 0100 0002 0000 0000 0001 {Ns} {Ns} {Opt}", Rcode.FormErr, false },
        { "NOTIMP without EDNS", $"1234 7900 0001 0000 0000 0000 {Ns}", Rcode.NotImp, null },
        { "NOTIMP, and OPT is cut off", $"1234 7900 0001 0000 0000 0001 {Ns} 00 0029 04D0", Rcode.NotImp, null },
        { "NOTIMP, and there are bytes after OPT", $"1234 7900 0001 0000 0000 0001 {Ns} {Opt} 00", Rcode.NotImp, null },
        { "NOTIMP, and there are two OPT records", $"1234 7900 0001 0000 0000 0002 {Ns} {Opt} {Opt}", Rcode.NotImp, null },
        { "more questions than there are bytes", $"1234 7900 FFFF 0000 0000 0001 {Ns} {Opt}", Rcode.NotImp, null },
        { "a question that cannot be read, with EDNS", $"1234 0100 0001 0000 0000 0001 41 {Opt}", Rcode.FormErr, null },
    };

    [Theory]
    [MemberData(nameof(WithoutQuestion))]
    public void RFC_6891_6_1_1_an_error_without_the_question_has_OPT_when_the_query_had_one(string what, string hex, Rcode rcode, bool? dnssecOk)
    {
        var raw = Server.Raw(Bytes(hex));
        Assert.NotNull(raw);
        var message = TestNameserver.Read(raw);
        Assert.Equal((what, rcode, dnssecOk), (what, message.Rcode, message.Edns?.DnssecOk));
        Assert.Equal(0x1234, message.Id);
        Assert.Empty(message.Questions);
        Assert.Equal(dnssecOk is null ? 12 : 23, raw.Length);
    }

    public static TheoryData<string, string> Ignored => new()
    {
        { "RFC 8906 §8.1.3: the Z bit", $"1234 0040 0001 0000 0000 0000 {Ns}" },
        { "RFC 8906 §8.1.3: AD", $"1234 0020 0001 0000 0000 0000 {Ns}" },
        { "RFC 8906 §8.1.3: CD", $"1234 0010 0001 0000 0000 0000 {Ns}" },
        { "AA, TC and RA of a query", $"1234 0680 0001 0000 0000 0000 {Ns}" },
        { "RFC 8906 §8.2.3: an unknown option", $"1234 0000 0001 0000 0000 0001 {Ns} 00 0029 04D0 00000000 0006 FDE9 0002 ABCD" },
        { "RFC 8906 §8.2.10: several options", $"1234 0000 0001 0000 0000 0001 {Ns} 00 0029 04D0 00000000 000A FDE9 0002 ABCD 0003 0000" },
        { "RFC 8906 §8.2.4: unknown EDNS flags", $"1234 0000 0001 0000 0000 0001 {Ns} 00 0029 04D0 00007FFF 0000" },
    };

    [Theory]
    [MemberData(nameof(Ignored))]
    public void Is_answered_as_if_it_were_not_there(string what, string hex)
    {
        var message = TestNameserver.Read(Server.Raw(Bytes(hex)));
        Assert.True(message.Rcode == Rcode.NoError && message.Answer.Count == 1, what);
        Assert.Equal((byte)0, message.Edns?.Version ?? 0);
        Assert.False(message.Edns?.DnssecOk ?? false);
        Assert.Empty(message.Edns?.Options ?? []);
        var cd = (MessageFlags)((hex.Contains("0010 0001") ? 1 : 0) * (int)MessageFlags.CheckingDisabled);
        Assert.Equal(MessageFlags.Response | MessageFlags.Authoritative | cd, message.Flags);
    }

    [Fact]
    public void RFC_6891_7_no_OPT_in_the_query_no_OPT_in_the_answer()
    {
        Assert.Null(Server.Ask("ns.example.com.", "A").Edns);
        Assert.Equal(1232, Server.Ask("ns.example.com.", "A", new Edns(4096)).Edns!.PayloadSize);
    }

    [Fact]
    public void RFC_3225_3_DO_is_copied() => Assert.True(Server.Ask("ns.example.com.", "A", new Edns(4096, DnssecOk: true)).Edns!.DnssecOk);

    [Fact]
    public void RD_is_copied_and_RA_is_only_for_those_who_may_recurse()
    {
        var message = Server.Ask("ns.example.com.", "A", flags: MessageFlags.RecursionDesired);
        Assert.Equal(MessageFlags.Response | MessageFlags.Authoritative | MessageFlags.RecursionDesired, message.Flags);
    }

    [Fact]
    public void RFC_8914_4_15_before_the_first_zones_the_answer_is_not_ready()
    {
        var server = TestNameserver.With();
        server.Zones = null;
        var message = server.Ask("www.example.com.", "A", new Edns(1232));
        Assert.Equal(Rcode.ServFail, message.Rcode);
        Assert.Equal([0, 14], message.Edns!.Options.Single(option => option.Code == EdnsOption.ExtendedErrorOption).Data.ToArray());
        Assert.Equal(Rcode.ServFail, server.Ask("www.example.com.", "A").Rcode);
    }

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", ""));
}
