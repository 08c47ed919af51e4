using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>What of DNSSEC stands in which answer (RFC 4035 §3.1, RFC 9824), beside what validators think of it.</summary>
public sealed class SignedAnswerTests
{
    public static TheoryData<string, string> Queries => new()
    {
        { "web.example.com.", "A" },
        { "www.example.com.", "A" },
        { "any.wild.example.com.", "A" },
        { "any.wild.example.com.", "AAAA" },
        { "x.moved.example.com.", "A" },
        { "gone.example.com.", "A" },
        { "b.example.com.", "A" },
        { "x.sub.example.com.", "A" },
        { "x.secure.example.com.", "A" },
        { "example.com.", "MX" },
        { "sub.example.com.", "DS" },
        { "web.example.com.", "ANY" },
    };

    [Theory]
    [MemberData(nameof(Queries))]
    public void RFC_4035_3_1_without_DO_an_answer_holds_nothing_of_DNSSEC(string name, string type)
    {
        foreach (var denial in Enum.GetValues<DenialMode>())
        {
            var message = new SignedServer(denial).Ask(name, type, dnssecOk: false);
            Assert.DoesNotContain(message.Answer.Concat(message.Authority).Concat(message.Additional), record => IsDnssec(record) && !(type == "DS" && record.Type == RecordType.DS));
        }
    }

    [Theory]
    [InlineData(DenialMode.Compact)]
    [InlineData(DenialMode.Nsec)]
    public void RFC_4034_3_1_4_the_signature_of_a_negative_answers_SOA_speaks_of_the_TTL_it_has_in_the_zone(DenialMode denial)
    {
        var message = new SignedServer(denial).Ask("web.example.com.", "TXT");
        var soa = message.Authority.Single(record => record.Type == RecordType.SOA);
        var signature = message.Authority.Single(record => record.Type == RecordType.RRSIG && Covered(record) == RecordType.SOA);
        Assert.Equal((60u, 60u), (soa.Ttl, signature.Ttl));
        Assert.Equal(300u, System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(signature.Data.Wire[4..]));
    }

    [Theory]
    [MemberData(nameof(Queries))]
    public void RFC_4035_3_1_with_DO_every_set_of_ours_in_answer_and_authority_has_its_signature(string name, string type)
    {
        foreach (var denial in Enum.GetValues<DenialMode>())
        {
            var message = new SignedServer(denial).Ask(name, type);
            foreach (var section in (List<ResourceRecord>[])[message.Answer, message.Authority])
            {
                foreach (var set in section.Where(record => record.Type != RecordType.RRSIG).GroupBy(record => (record.Owner, record.Type)))
                {
                    var signatures = section.Where(record => record.Type == RecordType.RRSIG && record.Owner == set.Key.Owner && Covered(record) == set.Key.Type).ToList();
                    var unsigned = (set.Key.Type == RecordType.NS && set.Key.Owner != SignedZones.Origin) || (set.Key.Type == RecordType.CNAME && name.Contains("moved", StringComparison.Ordinal));
                    Assert.Equal(unsigned ? 0 : 1, signatures.Count);
                    Assert.All(signatures, signature => Assert.Equal(set.First().Ttl, signature.Ttl));
                }
            }
        }
    }

    [Fact]
    public void RFC_4035_3_1_4_a_referral_has_the_DS_or_the_proof_that_there_is_none_and_unsigned_glue()
    {
        foreach (var denial in Enum.GetValues<DenialMode>())
        {
            var server = new SignedServer(denial);
            var secure = server.Ask("x.secure.example.com.", "A");
            Assert.Equal([RecordType.NS, RecordType.DS, RecordType.RRSIG], secure.Authority.Select(record => record.Type));
            Assert.False(secure.Flags.HasFlag(MessageFlags.Authoritative));
            var plain = server.Ask("x.sub.example.com.", "A");
            Assert.Equal([RecordType.NS, RecordType.NSEC, RecordType.RRSIG], plain.Authority.Select(record => record.Type));
            Assert.Equal("NS RRSIG NSEC", Types(plain.Authority[1]));
            Assert.Equal([RecordType.A], plain.Additional.Select(record => record.Type));
        }
    }

    [Fact]
    public void RFC_9824_3_4_the_proof_of_an_unsigned_delegation_says_nothing_of_names_below_it()
    {
        var nsec = new SignedServer().Ask("x.sub.example.com.", "A").Authority[1];
        Assert.Equal(@"sub\000.example.com. NS RRSIG NSEC", RecordText.FormatData(RecordType.NSEC, nsec.Data));
    }

    [Fact]
    public void RFC_4035_3_1_1_addresses_that_go_along_are_signed_as_far_as_there_is_room()
    {
        var message = new SignedServer().Ask("example.com.", "MX");
        Assert.Equal([RecordType.A, RecordType.RRSIG], message.Additional.Select(record => record.Type));
        var text = SignedZones.Text + string.Concat(Enumerable.Range(0, 9).Select(i => $"\nm MX {i} m{i}\nm{i} A 192.0.2.{i}"));
        var large = new SignedServer(text: text).Ask("m.example.com.", "MX", size: 512);
        Assert.False(large.Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(10, large.Answer.Count);
        Assert.NotEmpty(large.Additional);
    }

    [Fact]
    public void RFC_9824_3_1_a_name_that_does_not_exist_is_NOERROR_with_NXNAME_for_who_says_DO_and_NXDOMAIN_else()
    {
        var server = new SignedServer();
        var message = server.Ask("gone.example.com.", "A");
        Assert.Equal(Rcode.NoError, message.Rcode);
        Assert.Equal(@"\000.gone.example.com. RRSIG NSEC NXNAME", RecordText.FormatData(RecordType.NSEC, message.Authority.Single(record => record.Type == RecordType.NSEC).Data));
        Assert.Equal(Rcode.NxDomain, server.Ask("gone.example.com.", "A", dnssecOk: false).Rcode);
        Assert.Equal(Rcode.NxDomain, new SignedServer(DenialMode.Nsec).Ask("gone.example.com.", "A").Rcode);
    }

    [Theory]
    [InlineData("gone.example.com.", Rcode.NxDomain)]
    [InlineData("b.example.com.", Rcode.NoError)]
    [InlineData("web.example.com.", Rcode.NoError)]
    public void RFC_9824_5_1_who_says_CO_gets_the_real_code_and_the_bit_back(string name, Rcode rcode)
    {
        var query = TestNameserver.Query(name, "TXT", new Edns(1232, DnssecOk: true));
        query[^4] |= 0x40;
        var raw = new SignedServer().Raw(query);
        Assert.Equal(rcode, TestNameserver.Read(raw).Rcode);
        Assert.Equal(0xC0, raw[^4]);
        query[^4] = 0x40;
        var without = new SignedServer().Raw(query);
        Assert.Equal(0, without[^4]);
    }

    [Fact]
    public void RFC_9824_3_5_nobody_asks_for_NXNAME()
    {
        var message = new SignedServer().Ask("web.example.com.", "TYPE128");
        Assert.Equal(Rcode.FormErr, message.Rcode);
        Assert.Equal([0, 30], message.Edns!.Options.Single(option => option.Code == EdnsOption.ExtendedErrorOption).Data.ToArray());
    }

    [Fact]
    public void RFC_4592_an_empty_non_terminal_exists_without_types()
    {
        var nsec = new SignedServer().Ask("a.b.example.com.", "A").Authority.Single(record => record.Type == RecordType.NSEC);
        Assert.Equal(@"\000.a.b.example.com. RRSIG NSEC", RecordText.FormatData(RecordType.NSEC, nsec.Data));
    }

    [Fact]
    public void RFC_4035_3_1_3_3_a_wildcard_answer_has_the_labels_of_the_wildcard_and_the_proof_that_nothing_is_nearer()
    {
        var message = new SignedServer().Ask("a.any.wild.example.com.", "A");
        Assert.Equal(3, message.Answer.Single(record => record.Type == RecordType.RRSIG).Data.Wire[3]);
        var nsec = message.Authority.Single(record => record.Type == RecordType.NSEC);
        Assert.True(nsec.Owner.CompareTo(Name.Parse("any.wild.example.com.")) < 0);
        Assert.StartsWith(@"any\000.wild.example.com. ", RecordText.FormatData(RecordType.NSEC, nsec.Data));
    }

    [Theory]
    [InlineData(DenialMode.Compact)]
    [InlineData(DenialMode.Nsec)]
    public void Signatures_and_proofs_themselves_can_be_asked_for(DenialMode denial)
    {
        var server = new SignedServer(denial);
        Assert.Equal(RecordType.RRSIG, server.Ask("web.example.com.", "RRSIG", dnssecOk: false).Answer.Single().Type);
        Assert.Equal("A AAAA RRSIG NSEC", Types(server.Ask("web.example.com.", "NSEC", dnssecOk: false).Answer.Single()));
        Assert.Equal([RecordType.NSEC, RecordType.RRSIG], server.Ask("web.example.com.", "NSEC").Answer.Select(record => record.Type));
    }

    [Fact]
    public void RFC_2181_9_an_answer_whose_signatures_do_not_fit_is_truncated_and_whole_over_TCP()
    {
        var server = new SignedServer(text: SignedZones.Text + string.Concat(Enumerable.Range(0, 28).Select(i => $"\nmany A 192.0.2.{i}")));
        Assert.False(server.Ask("many.example.com.", "A", dnssecOk: false, size: 512).Flags.HasFlag(MessageFlags.Truncated));
        Assert.True(server.Ask("many.example.com.", "A", size: 512).Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(29, server.Ask("many.example.com.", "A", transport: Transport.Tcp).Answer.Count);
    }

    [Fact]
    public void A_server_that_slept_for_weeks_signs_anew_before_it_answers()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var server = new SignedServer(time: time);
        foreach (var name in (string[])["web.example.com.", "gone.example.com.", "any.wild.example.com."])
        {
            server.Ask(name, "A");
        }

        time.Advance(TimeSpan.FromDays(40));
        foreach (var name in (string[])["web.example.com.", "gone.example.com.", "any.wild.example.com."])
        {
            var message = server.Ask(name, "A");
            Assert.All(message.Answer.Concat(message.Authority).Where(record => record.Type == RecordType.RRSIG), signature =>
                Assert.True(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(signature.Data.Wire[8..]) > time.GetUtcNow().ToUnixTimeSeconds()));
        }
    }

    [Fact]
    public void A_flood_of_made_up_names_is_signed_up_to_a_limit_then_sent_to_TCP_and_names_that_exist_are_answered_on()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        time.Advance(TimeSpan.FromMinutes(1));
        var server = new SignedServer(time: time);
        var signed = 0;
        Message last;
        do
        {
            last = server.Ask($"n{signed++}.example.com.", "A");
            Assert.True(signed < 20_000, "no limit");
        }
        while (!last.Flags.HasFlag(MessageFlags.Truncated));
        Assert.True(signed > 1000, $"{signed}");
        Assert.False(server.Ask("web.example.com.", "TXT").Flags.HasFlag(MessageFlags.Truncated));
        Assert.False(server.Ask("web.example.com.", "A").Flags.HasFlag(MessageFlags.Truncated));
        var tcp = server.Ask("yet-another.example.com.", "A", transport: Transport.Tcp);
        Assert.Contains(tcp.Authority, record => record.Type == RecordType.NSEC);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(server.Ask("later.example.com.", "A").Flags.HasFlag(MessageFlags.Truncated));
    }

    [Theory]
    [InlineData(DenialMode.Compact)]
    [InlineData(DenialMode.Nsec)]
    public void Ten_thousand_signed_answers_allocate_nothing_once_they_are_signed(DenialMode denial)
    {
        var server = new SignedServer(denial);
        byte[][] queries = [.. Queries.Select(row => TestNameserver.Query(row.Data.Item1, row.Data.Item2, new Edns(1232, DnssecOk: true)))];
        var answer = new byte[Message.MaxLength];
        var context = new QueryContext(TestNameserver.PublicClient, Transport.Udp);
        foreach (var query in queries)
        {
            Assert.Equal(QueryOutcome.Answered, server.Processor.Process(query, context, answer, out _));
        }

        var bytes = Allocated.By(() =>
        {
            for (var i = 0; i < 10_000; i++)
            {
                server.Processor.Process(queries[i % queries.Length], context, answer, out _);
            }
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Keys_that_are_exchanged_sign_at_once_and_views_share_them()
    {
        var server = new SignedServer();
        var first = Tag(server.Ask("web.example.com.", "A").Answer.Last());
        var keys = SignedZones.Keys();
        server.Signers = new SignerSet([new ZoneSigner(keys, DenialMode.Compact, TimeProvider.System, server.Signers.Find(SignedZones.Origin))], TimeProvider.System, server.Signers);
        Assert.Equal(keys.Keys[0].Key.Tag, Tag(server.Ask("web.example.com.", "A").Answer.Last()));
        Assert.NotEqual(first, keys.Keys[0].Key.Tag);
        Assert.Equal(keys.Keys[0].Key.Tag, Tag(server.Ask("gone.example.com.", "A").Authority.Last()));
    }

    private static int Tag(ResourceRecord signature) => (signature.Data.Wire[16] << 8) | signature.Data.Wire[17];

    private static bool IsDnssec(ResourceRecord record) => record.Type is RecordType.RRSIG or RecordType.NSEC or RecordType.DS;

    private static RecordType Covered(ResourceRecord signature) => (RecordType)((signature.Data.Wire[0] << 8) | signature.Data.Wire[1]);

    private static string Types(ResourceRecord nsec) => RecordText.FormatData(RecordType.NSEC, nsec.Data).Split(' ', 2)[1];
}
