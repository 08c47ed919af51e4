using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Outward;

/// <summary>Sends signed updates to one server over TCP, and believes signed answers only (RFC 8945 §5.3).</summary>
internal sealed class UpdateConnection(IPEndPoint server, TsigKey key, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Sends a message.</summary>
    /// <returns>What the server said, or why it cannot be believed.</returns>
    public async Task<(Rcode Rcode, string? Problem)> SendAsync(UpdateMessage update, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var signer = TsigSigner.ForRequest(key, time);
        var message = Signed(update.ToArray(), signer, out var id);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, both.Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(message, both.Token);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, both.Token);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, both.Token);
        using var answers = new TsigAnswers(key, time, signer.LastMac);
        if (!MessageHeader.TryRead(answer, out var header) || header.Id != id || header.Opcode != Opcode.Update || (header.Flags & MessageFlags.Response) == 0)
        {
            return (default, "the answer is one to something else");
        }

        return answers.TryTake(answer, out _, out var problem) && answers.Complete
            ? (header.Rcode, null)
            : (header.Rcode, header.Rcode == Rcode.NotAuth
                ? "the server does not take the key (NOTAUTH): its name, its secret or the clock is another there, or the zone is not the server's"
                : $"the answer ({header.Rcode}) cannot be believed: {problem ?? "it is not signed"}");
    }

    // Two bytes of length before it, as TCP has it (RFC 1035 §4.2.2).
    private static byte[] Signed(byte[] message, TsigSigner signer, out ushort id)
    {
        id = BinaryPrimitives.ReadUInt16BigEndian(message);
        var signed = new byte[message.Length + signer.RoomNeeded];
        message.CopyTo(signed, 0);
        var length = signer.Sign(signed, message.Length);
        var framed = new byte[length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(framed, (ushort)length);
        signed.AsSpan(0, length).CopyTo(framed.AsSpan(2));
        return framed;
    }
}
