using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>One question to one name server, over UDP (over TCP when the answer does not fit) and without recursion, as a CA's resolver asks it.</summary>
internal static class ServerQuestion
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What the server says about the texts at a name; null when it says nothing in time, or nothing that can be read.</summary>
    public static async Task<Message?> TextsAsync(IPEndPoint server, Name name, CancellationToken cancel)
    {
        var question = new Message { Id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), Edns = new Edns(Edns.SafePayloadSize) };
        question.Questions.Add(new Question(name, RecordType.TXT));
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            // Connected: datagrams of others do not arrive, and a port where nobody listens is known at once.
            using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(server, patience.Token).ConfigureAwait(false);
            await socket.SendAsync(question.ToArray(), SocketFlags.None, patience.Token).ConfigureAwait(false);
            var buffer = new byte[Message.MaxLength];
            while (true)
            {
                var length = await socket.ReceiveAsync(buffer, SocketFlags.None, patience.Token).ConfigureAwait(false);
                if (Message.TryParse(buffer.AsSpan(0, length), out var answer, out _) && answer.Id == question.Id && answer.Flags.HasFlag(MessageFlags.Response))
                {
                    // RFC 7766 §5: what is cut off says nothing about what is missing.
                    return answer.Flags.HasFlag(MessageFlags.Truncated) ? await OverTcpAsync(server, question, patience.Token).ConfigureAwait(false) : answer;
                }
            }
        }
        catch (Exception silent) when (silent is SocketException or IOException || (silent is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return null;
        }
    }
    private static async Task<Message?> OverTcpAsync(IPEndPoint server, Message question, CancellationToken cancel)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancel).ConfigureAwait(false);
        await using var stream = new NetworkStream(socket);

        // RFC 1035 §4.2.2: two octets of length before each message.
        var asked = question.ToArray();
        var prefix = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(prefix, (ushort)asked.Length);
        await stream.WriteAsync((byte[])[.. prefix, .. asked], cancel).ConfigureAwait(false);
        await stream.ReadExactlyAsync(prefix, cancel).ConfigureAwait(false);
        var buffer = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
        await stream.ReadExactlyAsync(buffer, cancel).ConfigureAwait(false);
        return Message.TryParse(buffer, out var answer, out _) && answer.Id == question.Id && answer.Flags.HasFlag(MessageFlags.Response) ? answer : null;
    }
}
