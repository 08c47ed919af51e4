using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Nameserver;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>Puts thousands of questions to one server, many at once, and hands back the answers in the order of the questions.</summary>
internal static class BulkClient
{
    private const int AtOnce = 64;
    private const int Attempts = 8;

    public static byte[][] Ask(string server, IPEndPoint endPoint, IReadOnlyList<SharedQuestion> questions)
    {
        var answers = new byte[questions.Count][];
        OverUdp(server, endPoint, questions, [.. Enumerable.Range(0, questions.Count).Where(i => questions[i].Transport == Transport.Udp)], answers);
        OverTcp(server, endPoint, questions, [.. Enumerable.Range(0, questions.Count).Where(i => questions[i].Transport == Transport.Tcp)], answers);
        return answers;
    }

    private static void OverUdp(string server, IPEndPoint endPoint, IReadOnlyList<SharedQuestion> questions, int[] which, byte[][] answers)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 1000 };
        socket.Connect(endPoint);
        var buffer = new byte[65535];
        foreach (var batch in which.Chunk(AtOnce))
        {
            for (var attempt = 0; Missing(batch, answers) is { Length: > 0 } missing; attempt++)
            {
                Assert.True(attempt < Attempts, $"{server} does not answer {questions[missing[0]]}");
                Array.ForEach(missing, i => socket.Send(questions[i].ToQuery((ushort)i)));
                Receive(socket, batch, answers, buffer);
            }
        }
    }

    private static void Receive(Socket socket, int[] batch, byte[][] answers, byte[] buffer)
    {
        while (Missing(batch, answers).Length > 0)
        {
            try
            {
                var length = socket.Receive(buffer);
                // The number tells which question of the batch it answers; a late answer to an earlier one has another.
                if (length >= 2 && Array.Find(batch, i => (ushort)i == BinaryPrimitives.ReadUInt16BigEndian(buffer)) is var i && (ushort)i == BinaryPrimitives.ReadUInt16BigEndian(buffer))
                {
                    answers[i] = buffer[..length];
                }
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TimedOut)
            {
                return;
            }
        }
    }

    // A server may end a connection that rests (RFC 7766 §6.2.3): a machine that is busy makes it rest.
    private static void OverTcp(string server, IPEndPoint endPoint, IReadOnlyList<SharedQuestion> questions, int[] which, byte[][] answers)
    {
        for (var attempt = 0; Missing(which, answers) is { Length: > 0 } missing; attempt++)
        {
            Assert.True(attempt < Attempts, $"{server} does not answer {questions[missing[0]]}");
            try
            {
                OverOneConnection(endPoint, questions, missing, answers);
            }
            catch (IOException)
            {
                // Another connection asks for what is missing.
            }
        }
    }

    private static void OverOneConnection(IPEndPoint endPoint, IReadOnlyList<SharedQuestion> questions, int[] which, byte[][] answers)
    {
        using var client = new TcpClient { ReceiveTimeout = 20_000 };
        client.Connect(endPoint);
        using var stream = client.GetStream();
        var length = new byte[2];
        foreach (var batch in which.Chunk(AtOnce))
        {
            stream.Write([.. batch.SelectMany(i => Framed(questions[i].ToQuery((ushort)i)))]);
            foreach (var _ in batch)
            {
                stream.ReadExactly(length);
                var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
                stream.ReadExactly(answer);
                // RFC 7766 §7: answers may come in any order.
                answers[Array.Find(batch, i => (ushort)i == BinaryPrimitives.ReadUInt16BigEndian(answer))] = answer;
            }
        }
    }

    private static byte[] Framed(byte[] query) => [(byte)(query.Length >> 8), (byte)query.Length, .. query];

    private static int[] Missing(int[] batch, byte[][] answers) => Array.FindAll(batch, i => answers[i] is null);
}
