using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>What has changed since a serial (RFC 1995).</summary>
public sealed class Rfc1995IxfrTests
{
    private static readonly TransferPolicy ToLoopback = new(
        [KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer(new IPEndPoint(IPAddress.Loopback, 9))))], []);

    [Theory]
    [InlineData("one step", 12, "SOA 13|SOA 12|-b|SOA 13|+c|SOA 13")]
    [InlineData("two steps are told as one", 11, "SOA 13|SOA 11|-a|SOA 13|+c|SOA 13")]
    [InlineData("the version that is served", 13, "SOA 13")]
    [InlineData("a version that is newer than ours", 14, "SOA 13")]
    [InlineData("a version nobody remembers", 5, "AXFR")]
    public async Task S2_and_S4_over_TCP(string rule, uint held, string expected)
    {
        await using var server = await WithChangesAsync();
        Assert.Equal((rule, expected), (rule, Told(await AskAsync(server, held, Transport.Tcp))));
    }

    [Theory]
    [InlineData("one step", 12, 1232, "SOA 13|SOA 12|-b|SOA 13|+c|SOA 13")]
    [InlineData("the version that is served", 13, 1232, "SOA 13")]
    [InlineData("a version nobody remembers: come again over TCP", 5, 1232, "SOA 13")]
    public async Task S2_over_UDP(string rule, uint held, int size, string expected)
    {
        await using var server = await WithChangesAsync();
        Assert.Equal((rule, expected), (rule, Told(await AskAsync(server, held, Transport.Udp, size))));
    }

    [Fact]
    public async Task S2_what_does_not_fit_into_a_datagram_is_the_SOA_alone()
    {
        await using var server = await WithChangesAsync();
        server.Change(14, string.Concat(Enumerable.Range(0, 40).Select(i => $"new{i} TXT \"{new string('x', 40)}\"\n")));
        await UntilKnownAsync(server, 13);
        Assert.Equal("SOA 14", Told(await AskAsync(server, 13, Transport.Udp)));
        Assert.StartsWith("SOA 14|SOA 13|-c|SOA 14|+new0|", Told(await AskAsync(server, 13, Transport.Tcp)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task S3_without_the_serial_it_is_malformed()
    {
        await using var server = await WithChangesAsync();
        var sink = new CollectingSink();
        await server.Processor.CompleteAsync(TestNameserver.Query("example.com.", "IXFR"), new QueryContext(ClientAddress.From(IPAddress.Loopback), Transport.Tcp), sink, TestContext.Current.CancellationToken);
        Assert.Equal(Rcode.FormErr, TestNameserver.Read(Assert.Single(sink.Messages)).Rcode);
    }

    [Fact]
    public async Task Each_view_has_a_history_of_its_own()
    {
        await using var server = await WithChangesAsync();
        server.Held.Put("example.com.", "lan", TransferringServer.LanZone + "\nprinter A 192.168.1.11\n");
        await UntilKnownAsync(server, 13);
        Assert.Equal("SOA 14|SOA 13|SOA 14|+printer|SOA 14", Told(await AskAsync(server, 13, Transport.Tcp)));
        Assert.Equal(13u, server.Served("public").Serial);
    }

    [Fact]
    public async Task RFC1982_serials_go_round()
    {
        await using var server = new TransferringServer(ToLoopback);
        server.Change(2_000_000_000);
        server.Change(4_000_000_000);
        server.Change(5, "around A 192.0.2.1\n");
        await UntilKnownAsync(server, 4_000_000_000);
        Assert.Equal("SOA 5|SOA 4000000000|SOA 5|+around|SOA 5", Told(await AskAsync(server, 4_000_000_000, Transport.Tcp)));
    }

    [Theory]
    [InlineData("dig", 11)]
    [InlineData("kdig", 11)]
    [InlineData("dig", 5)]
    public async Task Clients_read_it(string program, uint held)
    {
        await using var server = await WithChangesAsync();
        Assert.Contains("\tSOA\t", server.DigRaw($"example.com IXFR={held} +tcp", program).Replace(" SOA ", "\tSOA\t", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("c.example.com.", server.DigRaw($"example.com IXFR={held} +tcp", program), StringComparison.Ordinal);
    }

    // 10 → 11 adds a, 12 has b for it, 13 has c for that.
    private static async Task<TransferringServer> WithChangesAsync()
    {
        var server = new TransferringServer(ToLoopback);
        server.Change(11, "a A 192.0.2.1\n");
        server.Change(12, "b A 192.0.2.2\n");
        server.Change(13, "c A 192.0.2.3\n");
        await UntilKnownAsync(server, 12);
        return server;
    }

    private static async Task UntilKnownAsync(TransferringServer server, uint serial)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(30));
        while (Told(await AskAsync(server, serial, Transport.Tcp)) == "AXFR")
        {
            Assert.False(deadline.IsCancellationRequested, $"{serial} is never known");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<List<ResourceRecord>> AskAsync(TransferringServer server, uint held, Transport transport, int size = 1232)
    {
        var query = new Message { Id = 7, Edns = new Edns((ushort)size) };
        query.Questions.Add(new Question(Name.Parse("example.com."), RecordType.IXFR));
        query.Authority.Add(RecordText.Parse($"example.com. 300 IN SOA ns.example.com. hostmaster.example.com. {held} 1 1 1 1"));
        var sink = new CollectingSink();
        await server.Processor.CompleteAsync(query.ToArray(), new QueryContext(ClientAddress.From(IPAddress.Loopback), transport), sink, TestContext.Current.CancellationToken);
        var messages = sink.Messages.Select(TestNameserver.Read).ToList();
        Assert.All(messages, message => Assert.Equal(Rcode.NoError, message.Rcode));
        return [.. messages.SelectMany(message => message.Answer)];
    }

    private static string Told(List<ResourceRecord> records)
    {
        if (records.Count > 1 && records[1].Type != RecordType.SOA)
        {
            return "AXFR";
        }

        // The second SOA begins what goes, the third what comes.
        var soas = 0;
        var told = new List<string>();
        foreach (var record in records)
        {
            soas += record.Type == RecordType.SOA ? 1 : 0;
            told.Add(record.Type == RecordType.SOA ? $"SOA {SerialArithmetic.Of(record.Data)}" : $"{(soas == 2 ? '-' : '+')}{record.Owner.ToString().Split('.')[0]}");
        }

        return string.Join('|', told);
    }
}
