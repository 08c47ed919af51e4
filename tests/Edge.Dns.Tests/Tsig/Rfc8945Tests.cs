using System.Buffers.Binary;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Tsig;

/// <summary>Requests signed with a shared key (RFC 8945), put to a nameserver in memory.</summary>
public sealed class Rfc8945Tests
{
    private const string PublicZone = """
        $TTL 300
        @    SOA ns hostmaster 1 7200 900 1209600 300
        @    NS  ns
        ns   A   192.0.2.53
        www  A   192.0.2.80
        """;

    private static readonly string LanZone = PublicZone.Replace("192.0.2.", "192.168.1.", StringComparison.Ordinal);

    private static readonly TsigKey Known = KeyOf("known.", 1);
    private static readonly TsigKey Lan = KeyOf("lan-key.", 2);

    private readonly TestNameserver _server = TestNameserver.WithViews(("example.com.", LanZone), ("example.com.", PublicZone));

    public Rfc8945Tests() => _server.Keys = new RequestKeySet([new RequestKey(Known), new RequestKey(Lan, "lan")]);

    [Theory]
    [InlineData("hmac-sha256")]
    [InlineData("hmac-sha384")]
    [InlineData("hmac-sha512")]
    public async Task S5_3_a_signed_query_gets_a_signed_answer(string algorithm)
    {
        var key = KeyOf("other.", 3, algorithm);
        _server.Keys = new RequestKeySet([new RequestKey(key)]);
        var query = Signed(key, out var mac);
        var answer = Assert.Single(await _server.AnswersAsync(query));
        var message = Verified(key, mac, answer);
        Assert.Equal((Rcode.NoError, "192.0.2.80"), (message.Rcode, Address(message)));
    }

    [Fact]
    public async Task A_key_that_names_a_view_sees_that_view_from_everywhere()
    {
        var query = Signed(Lan, out var mac);
        var message = Verified(Lan, mac, Assert.Single(await _server.AnswersAsync(query, Transport.Udp)));
        Assert.Equal("192.168.1.80", Address(message));
    }

    [Fact]
    public async Task S4_2_names_of_keys_have_no_case()
    {
        var query = Signed(KeyOf("KNOWN.", 1), out var mac);
        Verified(Known, mac, Assert.Single(await _server.AnswersAsync(query)));
    }

    [Theory]
    [InlineData("the secret is another one", TsigError.BadSignature)]
    [InlineData("the key is not known", TsigError.BadKey)]
    [InlineData("the key has another algorithm", TsigError.BadKey)]
    [InlineData("the message was changed", TsigError.BadSignature)]
    public async Task S5_2_what_is_not_signed_with_the_secret_gets_an_unsigned_error(string what, TsigError error)
    {
        var key = what switch
        {
            "the secret is another one" => KeyOf("known.", 9),
            "the key is not known" => KeyOf("unknown.", 1),
            "the key has another algorithm" => KeyOf("known.", 1, "hmac-sha512"),
            _ => Known,
        };
        var query = Signed(key, out _);
        query[14] ^= what == "the message was changed" ? (byte)0x20 : (byte)0;
        var answer = Assert.Single(await _server.AnswersAsync(query));
        Assert.True(TsigRecord.TryFind(answer, out var record));
        Assert.Equal((error, 0, key.Name, key.Algorithm.Name), (record!.Error, record.Mac.Length, record.Key, record.Algorithm));
        Assert.Equal(Rcode.NotAuth, Header(answer).Rcode);
        Assert.Equal(0, Header(answer).AnswerCount);
    }

    [Theory]
    [InlineData(301)]
    [InlineData(-301)]
    public async Task S5_2_3_outside_of_the_fudge_the_error_is_signed_and_tells_the_time_here(int seconds)
    {
        var query = Signed(Known, out var mac);
        _server.Time.AdjustTime(_server.Time.GetUtcNow().AddSeconds(seconds));
        var answer = Assert.Single(await _server.AnswersAsync(query));
        Assert.True(TsigRecord.TryFind(answer, out var record));
        Assert.Equal((Rcode.NotAuth, TsigError.BadTime), (Header(answer).Rcode, record!.Error));
        Assert.Equal(_server.Time.GetUtcNow().ToUnixTimeSeconds(), (long)BinaryPrimitives.ReadUInt64BigEndian([0, 0, .. record.Other]));
        using var digest = new TsigDigest(Known);
        digest.AddPrior(mac);
        digest.AddMessage(answer, record);
        digest.AddVariables(record);
        Assert.Equal(digest.Finish(), record.Mac);
    }

    [Theory]
    [InlineData(300)]
    [InlineData(-300)]
    public async Task S5_2_3_inside_of_the_fudge_clocks_may_differ(int seconds)
    {
        var query = Signed(Known, out _);
        _server.Time.AdjustTime(_server.Time.GetUtcNow().AddSeconds(seconds));
        Assert.Equal(Rcode.NoError, Header(Assert.Single(await _server.AnswersAsync(query))).Rcode);
    }

    [Theory]
    [InlineData("16 of 32 bytes of the right signature", 16, TsigError.BadTruncation)]
    [InlineData("31 of 32 bytes of the right signature", 31, TsigError.BadTruncation)]
    [InlineData("less than half", 15, null)]
    [InlineData("nothing", 0, null)]
    [InlineData("more than all", 33, null)]
    public async Task S5_2_2_1_a_short_signature_is_refused(string _, int length, TsigError? error)
    {
        var query = Signed(Known, out var mac);
        var answer = Assert.Single(await _server.AnswersAsync(WithMac(query, [.. mac.Concat(new byte[1]).Take(length)])));
        Assert.Equal(error is null ? Rcode.FormErr : Rcode.NotAuth, Header(answer).Rcode);
        Assert.True(TsigRecord.TryFind(answer, out var record));
        Assert.Equal(error, record?.Error);
    }

    [Fact]
    public async Task S5_1_a_signature_that_is_not_the_last_record_is_malformed()
    {
        var query = Signed(Known, out _);
        byte[] opt = [0, 0, 41, 4, 208, 0, 0, 0, 0, 0, 0];
        query[11]++;
        Assert.Equal(Rcode.FormErr, Header(Assert.Single(await _server.AnswersAsync([.. query, .. opt]))).Rcode);
    }

    [Fact]
    public async Task S5_1_two_signatures_are_malformed()
    {
        using var signer = TsigSigner.ForRequest(Known, _server.Time);
        var buffer = new byte[1024];
        TestNameserver.Query("www.example.com.", "A").CopyTo(buffer, 0);
        var length = signer.Sign(buffer, TestNameserver.Query("www.example.com.", "A").Length);
        length = signer.Sign(buffer, length);
        Assert.Equal(Rcode.FormErr, Header(Assert.Single(await _server.AnswersAsync(buffer[..length]))).Rcode);
    }

    [Fact]
    public async Task S5_2_the_signature_covers_the_original_number_of_the_message()
    {
        var query = Signed(Known, out var mac);
        BinaryPrimitives.WriteUInt16BigEndian(query, 0x4321);
        var answer = Assert.Single(await _server.AnswersAsync(query));
        Assert.Equal(0x4321, Header(answer).Id);
        Verified(Known, mac, answer);
    }

    [Fact]
    public async Task A_long_answer_over_UDP_leaves_room_for_the_signature()
    {
        var many = PublicZone + string.Concat(Enumerable.Range(1, 71).Select(i => $"\nmany A 192.0.2.{i}"));
        var server = TestNameserver.With(("example.com.", many));
        server.Keys = _server.Keys;
        var query = Signed(Known, out var mac, "many.example.com.", new Edns(1232));
        var answer = Assert.Single(await server.AnswersAsync(query, Transport.Udp));
        Assert.True(answer.Length <= 1232, $"{answer.Length} bytes");
        Assert.True(Verified(Known, mac, answer).Flags.HasFlag(MessageFlags.Truncated));
        Assert.Equal(71, Verified(Known, mac, Assert.Single(await server.AnswersAsync(query))).Answer.Count);
    }

    [Fact]
    public async Task S5_3_1_of_many_answers_each_signature_covers_the_one_before()
    {
        _server.Exchanges.Handle(RecordType.AXFR, new ManyAnswers(150));
        var query = Signed(Known, out var mac, "example.com.", null, "AXFR");
        var answers = await _server.AnswersAsync(query);
        Assert.Equal(150, answers.Count);
        Assert.All(answers, answer => Assert.True(TsigRecord.TryFind(answer, out var record) && record is not null));

        using var verifier = new TsigAnswers(Known, _server.Time, mac);
        Assert.All(answers, answer => Assert.True(verifier.TryTake(answer, out _, out var problem), problem));
        Assert.True(verifier.Complete);

        using var swapped = new TsigAnswers(Known, _server.Time, mac);
        Assert.True(swapped.TryTake(answers[0], out _, out _));
        Assert.False(swapped.TryTake(answers[2], out _, out _));
    }

    [Theory]
    [InlineData(99, true)]
    [InlineData(100, false)]
    public void S5_3_1_a_peer_may_leave_up_to_99_answers_unsigned(int unsigned, bool accepted)
    {
        var plain = TestNameserver.Query("www.example.com.", "A");
        using var verifier = new TsigAnswers(Known, _server.Time, [1, 2, 3]);
        using var signer = TsigSigner.ForAnswers(Known, _server.Time, [1, 2, 3]);
        var first = new byte[512];
        plain.CopyTo(first, 0);
        Assert.True(verifier.TryTake(first.AsSpan(0, signer.Sign(first, plain.Length)), out _, out _));
        var taken = Enumerable.Range(0, unsigned).All(_ => verifier.TryTake(plain, out var _, out var _));
        Assert.Equal(accepted, taken);
        Assert.False(verifier.Complete);
    }

    [Fact]
    public async Task An_UPDATE_that_is_sent_again_is_not_made_again()
    {
        var handler = new ManyAnswers(1);
        _server.Exchanges.Handle(Opcode.Update, handler);
        var query = Signed(Known, out _, "example.com.", null, "SOA", Opcode.Update);
        Assert.Equal(Rcode.NoError, Header(Assert.Single(await _server.AnswersAsync(query))).Rcode);
        var again = Assert.Single(await _server.AnswersAsync(query));
        Assert.True(TsigRecord.TryFind(again, out var record));
        Assert.Equal((Rcode.NotAuth, TsigError.BadTime), (Header(again).Rcode, record!.Error));
        Assert.Equal(1, handler.Asked);
    }

    [Fact]
    public async Task A_handler_that_fails_is_answered_with_SERVFAIL_and_signed()
    {
        _server.Exchanges.Handle(Opcode.Notify, new ManyAnswers(0, new InvalidOperationException("planted")));
        var query = Signed(Known, out var mac, "example.com.", null, "SOA", Opcode.Notify);
        Assert.Equal(Rcode.ServFail, Verified(Known, mac, Assert.Single(await _server.AnswersAsync(query))).Rcode);
    }

    [Theory]
    [InlineData(Opcode.Update, Rcode.NotImp)]
    [InlineData(Opcode.Notify, Rcode.NotImp)]
    [InlineData((Opcode)15, Rcode.NotImp)]
    public async Task An_opcode_that_nobody_registered_for_is_not_implemented(Opcode opcode, Rcode rcode)
    {
        var query = Signed(Known, out _, "example.com.", null, "SOA", opcode);
        Assert.Equal(rcode, Header(Assert.Single(await _server.AnswersAsync(query))).Rcode);
    }

    private byte[] Signed(TsigKey key, out byte[] mac, string name = "www.example.com.", Edns? edns = null, string type = "A", Opcode opcode = Opcode.Query)
    {
        var buffer = new byte[1024];
        var query = TestNameserver.Query(name, type, edns);
        query[2] |= (byte)((int)opcode << 3);
        query.CopyTo(buffer, 0);
        using var signer = TsigSigner.ForRequest(key, _server.Time);
        var length = signer.Sign(buffer, query.Length);
        mac = signer.LastMac.ToArray();
        return buffer[..length];
    }

    private static byte[] WithMac(byte[] query, byte[] mac)
    {
        Assert.True(TsigRecord.TryFind(query, out var record));
        var buffer = new byte[1024];
        query.AsSpan(0, record!.Offset).CopyTo(buffer);
        buffer[11]--;
        return buffer[..record.With(mac).Append(buffer, record.Offset)];
    }

    private Message Verified(TsigKey key, byte[] mac, byte[] answer)
    {
        using var verifier = new TsigAnswers(key, _server.Time, mac);
        Assert.True(verifier.TryTake(answer, out var length, out var problem), problem);
        Assert.True(verifier.Complete);
        answer = answer[..length];
        answer[11]--;
        return TestNameserver.Read(answer);
    }

    private static string Address(Message message) => new System.Net.IPAddress(message.Answer[0].Data.Wire).ToString();

    private static MessageHeader Header(byte[] message) => MessageHeader.TryRead(message, out var header) ? header : throw new InvalidOperationException();

    private static TsigKey KeyOf(string name, byte secret, string algorithm = "hmac-sha256") =>
        new(Name.Parse(name), TsigAlgorithm.Find(algorithm)!, Enumerable.Repeat(secret, 32).ToArray());

    private sealed class ManyAnswers(int count, Exception? error = null) : IExchangeHandler
    {
        public int Asked { get; private set; }

        public async ValueTask AnswerAsync(Exchange exchange, CancellationToken cancel)
        {
            Asked++;
            if (error is not null)
            {
                throw error;
            }

            for (var i = 0; i < count; i++)
            {
                await exchange.AnswerAsync(Rcode.NoError, cancel);
            }
        }
    }
}
