using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Whole zones to secondaries (RFC 5936), asked for by dig and kdig.</summary>
public sealed class Rfc5936AxfrTests
{
    [Theory]
    [InlineData("dig", "lan-key.", "lan")]
    [InlineData("dig", "public-key.", "public")]
    [InlineData("kdig", "lan-key.", "lan")]
    [InlineData("kdig", "public-key.", "public")]
    public async Task A_key_gets_exactly_the_horizon_of_its_view(string program, string key, string view)
    {
        await using var server = new TransferringServer(TransferringServer.ByKey);
        var records = server.Dig($"example.com AXFR {TransferringServer.Sign(key)}", program);
        Assert.Equal(server.Content(view), TransferringServer.Sorted(records));
        Assert.NotEqual(server.Content("lan"), server.Content("public"));
        Assert.Equal(server.Content(view).Count + 1, records.Count);
        Assert.Contains(" SOA ", records[0], StringComparison.Ordinal);
        Assert.Equal(records[0], records[^1]);
    }

    [Theory]
    [InlineData("no key", "example.com AXFR", "REFUSED", "Transfer of example.com. (lan) to 127.0.0.1 with no key is refused: no transfer of this zone to this address and key")]
    [InlineData("a key without the right", "example.com AXFR -y hmac-sha256:other-key.:" + TransferringServer.Secret, "REFUSED", "Transfer of example.com. (public) to 127.0.0.1 with key other-key is refused: ")]
    [InlineData("an unknown key", "example.com AXFR -y hmac-sha256:unknown.:" + TransferringServer.Secret, "NOTAUTH", "A request about example.com. of 127.0.0.1 signed with key unknown. is refused: there is no such key")]
    [InlineData("another secret", "example.com AXFR -y hmac-sha256:lan-key.:AAAA", "NOTAUTH", "A request about example.com. of 127.0.0.1 signed with key lan-key. is refused: the secret is another one (BADSIG)")]
    [InlineData("no such zone", "example.net AXFR -y hmac-sha256:lan-key.:" + TransferringServer.Secret, "NOTAUTH", "Transfer of example.net. (lan) to 127.0.0.1 with key lan-key is refused: the view has no such zone")]
    [InlineData("a name in the zone", "www.example.com AXFR -y hmac-sha256:lan-key.:" + TransferringServer.Secret, "NOTAUTH", "Transfer of www.example.com. (lan) to 127.0.0.1 with key lan-key is refused: ")]
    [InlineData("no such zone, and no right", "example.net AXFR", "REFUSED", "Transfer of example.net. (lan) to 127.0.0.1 with no key is refused: ")]
    public async Task S2_2_1_what_is_not_given_is_refused_and_told(string what, string arguments, string status, string told)
    {
        await using var server = new TransferringServer(TransferringServer.ByKey);
        var output = server.DigRaw($"{arguments} +noall +comments");
        Assert.True(output.Contains(status, StringComparison.Ordinal), $"{what}: {output}");
        Assert.Contains(server.Logs.Lines, line => line.StartsWith(told, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_refusal_says_why_to_whom_speaks_EDNS()
    {
        await using var server = new TransferringServer(TransferPolicy.Closed);
        var answer = await AskAsync(server, TestNameserver.Query("example.com.", "AXFR", new Edns(1232)), Transport.Tcp);
        Assert.Equal(Rcode.Refused, answer.Rcode);
        Assert.Equal(EdnsOption.ExtendedErrorOption, Assert.Single(answer.Edns!.Options).Code);
    }

    [Theory]
    [InlineData("the address", "127.0.0.1", null, false, null, Transport.Tcp, true)]
    [InlineData("another address", "127.0.0.2", null, false, null, Transport.Tcp, false)]
    [InlineData("address and key", "127.0.0.1", "lan-key.", false, "lan-key.", Transport.Tcp, true)]
    [InlineData("the address without the key", "127.0.0.1", "lan-key.", false, null, Transport.Tcp, false)]
    [InlineData("the address with another key", "127.0.0.1", "lan-key.", false, "public-key.", Transport.Tcp, false)]
    [InlineData("the key from another address", "127.0.0.2", "lan-key.", false, "lan-key.", Transport.Tcp, false)]
    [InlineData("without the TLS that is demanded", "127.0.0.1", null, true, null, Transport.Tcp, false)]
    [InlineData("with the TLS that is demanded", "127.0.0.1", null, true, null, Transport.Tls, true)]
    [InlineData("over TLS without naming dot", "127.0.0.1", null, true, null, Transport.Tls, false, false)]
    [InlineData("over TLS that nobody demands, without naming dot", "127.0.0.1", null, false, null, Transport.Tls, false, false)]
    public async Task A_secondary_is_known_by_address_key_and_TLS(string rule, string address, string? key, bool tls, string? signedWith, Transport transport, bool allowed, bool namesDot = true)
    {
        var peer = new TransferPeer(new IPEndPoint(IPAddress.Parse(address), 53), key is null ? null : Name.Parse(key), tls);
        await using var server = new TransferringServer(new TransferPolicy([KeyValuePair.Create(Name.Parse("example.com."), System.Collections.Immutable.ImmutableArray.Create(peer))], []));
        var query = TestNameserver.Query("example.com.", "AXFR");
        if (signedWith is not null)
        {
            using var signer = Edge.Dns.Tsig.TsigSigner.ForRequest(TransferringServer.Key(signedWith), TimeProvider.System);
            var length = query.Length;
            Array.Resize(ref query, length + signer.RoomNeeded);
            Array.Resize(ref query, signer.Sign(query, length));
        }

        var sink = new CollectingSink();
        await server.Processor.CompleteAsync(query, new QueryContext(ClientAddress.From(IPAddress.Loopback), transport) { NamesDot = namesDot }, sink, TestContext.Current.CancellationToken);
        MessageHeader.TryRead(sink.Messages[0], out var header);
        Assert.Equal((rule, allowed ? Rcode.NoError : Rcode.Refused), (rule, header.Rcode));
    }

    [Fact]
    public async Task S4_2_over_UDP_there_is_no_AXFR()
    {
        await using var server = new TransferringServer(TransferringServer.ByKey);
        Assert.Equal(Rcode.FormErr, (await AskAsync(server, TestNameserver.Query("example.com.", "AXFR"), Transport.Udp)).Rcode);
    }

    [Theory]
    [InlineData("dig")]
    [InlineData("kdig")]
    public async Task S2_2_a_large_zone_arrives_whole_in_long_messages(string program)
    {
        await using var server = new TransferringServer(TransferringServer.ByKey);
        var many = string.Concat(Enumerable.Range(0, 20_000).Select(i => $"host{i}.a{i % 7} A 10.{i / 65536}.{i / 256 % 256}.{i % 256}\nhost{i} TXT \"{new string('x', i % 200)}\"\n"));
        server.Change(11, many);
        var records = server.Dig($"example.com AXFR {TransferringServer.Sign("public-key.")}", program);
        Assert.Equal(server.Content("public"), TransferringServer.Sorted(records));
        Assert.Contains(server.Logs.Lines, line => line.Contains($"as AXFR: {server.Content("public").Count + 1} records", StringComparison.Ordinal));
    }

    [Fact]
    public async Task S2_2_messages_are_longer_than_16_KiB_and_each_can_be_read()
    {
        await using var server = new TransferringServer(new TransferPolicy([], [KeyValuePair.Create(Name.Parse("public-key."), new TransferRight([Name.Parse("example.com.")]))]));
        server.Change(11, string.Concat(Enumerable.Range(0, 5000).Select(i => $"host{i}.of.a.long.name.{i % 100} MX 10 mail{i}.{i % 100}\n")));
        var peer = new TransferPeer(new IPEndPoint(IPAddress.Loopback, 53));
        server.Transfers.Use(new TransferPolicy([KeyValuePair.Create(Name.Parse("example.com."), System.Collections.Immutable.ImmutableArray.Create(peer))], []));
        var sink = new CollectingSink();
        await server.Processor.CompleteAsync(
            TestNameserver.Query("example.com.", "AXFR", new Edns(1232)), new QueryContext(ClientAddress.From(IPAddress.Loopback), Transport.Tcp), sink, TestContext.Current.CancellationToken);
        Assert.True(sink.Messages.Count > 1);
        Assert.True(sink.Messages[0].Length > 0x4000 * 3, $"{sink.Messages[0].Length} bytes");
        var messages = sink.Messages.Select(TestNameserver.Read).ToList();
        Assert.Single(messages[0].Questions);
        Assert.All(messages, message => Assert.True(message.Edns is not null && message.Flags.HasFlag(MessageFlags.Authoritative) && message.Id == 0x1234));
        Assert.Equal(server.Content("lan"), TransferringServer.Sorted(messages.SelectMany(message => message.Answer).Select(RecordText.Format)));
    }

    private static async Task<Message> AskAsync(TransferringServer server, byte[] query, Transport transport)
    {
        var sink = new CollectingSink();
        await server.Processor.CompleteAsync(query, new QueryContext(ClientAddress.From(IPAddress.Loopback), transport), sink, TestContext.Current.CancellationToken);
        return TestNameserver.Read(Assert.Single(sink.Messages));
    }
}
