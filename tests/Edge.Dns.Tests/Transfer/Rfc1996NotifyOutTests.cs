using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Transfer;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Changes are told to secondaries (RFC 1996).</summary>
public sealed class Rfc1996NotifyOutTests
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    [Fact]
    public async Task S3_3_it_is_told_again_until_somebody_answers()
    {
        using var secondary = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = new TransferringServer(To(secondary, null), _time);
        var first = await ReceiveAsync(secondary);
        var message = TestNameserver.Read(first.Buffer);
        Assert.Equal((Opcode.Notify, Name.Parse("example.com."), RecordType.SOA), (message.Opcode, message.Questions[0].Name, message.Questions[0].Type));
        Assert.True(message.Flags.HasFlag(MessageFlags.Authoritative));
        Assert.Equal(10u, SerialArithmetic.Of(message.Answer.Single().Data));

        var second = await ReceiveAsync(secondary, turning: true);
        await AnswerAsync(secondary, second);
        await server.UntilLogged("is at serial 10, and says NoError");
        server.Change(11);
        var changed = await ReceiveAsync(secondary);
        Assert.Equal(11u, SerialArithmetic.Of(TestNameserver.Read(changed.Buffer).Answer.Single().Data));
    }

    [Fact]
    public async Task Only_the_view_of_the_secondary_counts()
    {
        using var secondary = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = new TransferringServer(To(secondary, "public-key."), TimeProvider.System);
        await AnswerSignedAsync(secondary, await ReceiveAsync(secondary));
        await server.UntilLogged("is at serial 10, and says NoError");
        server.Held.Put("example.com.", "lan", TransferringServer.LanZone + "\nprinter A 192.168.1.11\n");
        server.Change(20);
        // The change of "lan" would have come first.
        var next = await ReceiveAsync(secondary);
        Assert.True(TsigRecord.TryFind(next.Buffer, out var record) && record!.Key == Name.Parse("public-key."));
        Assert.Equal(20u, SerialArithmetic.Of(TestNameserver.Read(Unsigned(next.Buffer)).Answer.Single().Data));
    }

    [Fact]
    public async Task S3_6_an_answer_that_is_not_believed_is_waited_after_and_told_once()
    {
        using var secondary = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await using var server = new TransferringServer(To(secondary, "public-key."), _time);
        await AnswerAsync(secondary, await ReceiveAsync(secondary));
        await server.UntilLogged("with an answer without a signature; it is called again");
        Assert.Equal(0, secondary.Available);

        foreach (var pause in new[] { 2, 4, 8, 16, 32 })
        {
            var began = _time.GetUtcNow();
            await AnswerAsync(secondary, await ReceiveAsync(secondary, turning: true));
            Assert.InRange((_time.GetUtcNow() - began).TotalSeconds, pause, pause + 30);
        }

        await UntilAsync(() => server.Logs.Lines.Any(line => line.Contains("it was called 6 times", StringComparison.Ordinal)));
        Assert.Single(server.Logs.Lines, line => line.Contains("answers NOTIFY for example.com. (public) with an answer without a signature: that is not believed", StringComparison.Ordinal));
        Assert.DoesNotContain(server.Logs.Lines, line => line.Contains("does not answer NOTIFY", StringComparison.Ordinal));
    }

    private static TransferPolicy To(UdpClient secondary, string? key) => new(
        [KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer((IPEndPoint)secondary.Client.LocalEndPoint!, key is null ? null : Name.Parse(key))))], []);

    private async Task<UdpReceiveResult> ReceiveAsync(UdpClient secondary, bool turning = false)
    {
        var receiving = secondary.ReceiveAsync(TestContext.Current.CancellationToken).AsTask();
        if (turning)
        {
            await UntilAsync(() => receiving.IsCompleted);
        }

        return await receiving.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    // Turns the clock until something is so.
    private async Task UntilAsync(Func<bool> isSo)
    {
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (!isSo() && DateTime.UtcNow < deadline)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    private static async Task AnswerAsync(UdpClient secondary, UdpReceiveResult request)
    {
        var answer = request.Buffer.ToArray();
        answer[2] |= 0x80;
        if (TsigRecord.TryFind(answer, out var record) && record is not null)
        {
            answer = Unsigned(answer);
        }

        await secondary.SendAsync(answer, request.RemoteEndPoint, TestContext.Current.CancellationToken);
    }

    private static async Task AnswerSignedAsync(UdpClient secondary, UdpReceiveResult request)
    {
        Assert.True(TsigRequest.TryVerify(request.Buffer, name => TransferringServer.Key(name.ToString()), TimeProvider.System, out var signature));
        Assert.Equal(TsigError.None, signature!.Error);
        using var signer = signature.AnswerSigner(TimeProvider.System);
        var answer = signature.Unsigned(request.Buffer);
        answer[2] |= 0x80;
        var length = answer.Length;
        Array.Resize(ref answer, length + signer.RoomNeeded);
        length = signer.Sign(answer, length);
        await secondary.SendAsync(answer.AsMemory(0, length), request.RemoteEndPoint, TestContext.Current.CancellationToken);
    }

    private static byte[] Unsigned(byte[] message)
    {
        Assert.True(TsigRecord.TryFind(message, out var record));
        var unsigned = message[..record!.Offset];
        unsigned[11]--;
        return unsigned;
    }
}
