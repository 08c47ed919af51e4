using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Outward;

/// <summary>Sends signed updates and questions to one server over TCP, and believes signed answers only (RFC 8945 §5.3).</summary>
internal sealed class UpdateConnection(IPEndPoint server, TsigKey key, TimeProvider time)
{
    private const int MostQuestion = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>Sends an update.</summary>
    /// <returns>What the server said, or why it cannot be believed.</returns>
    public async Task<(Rcode Rcode, string? Problem)> SendAsync(UpdateMessage update, CancellationToken cancel)
    {
        var (rcode, problem, _) = await AskAsync(update.ToArray(), Opcode.Update, cancel);
        return (rcode, problem);
    }

    /// <summary>Asks for the texts at a name.</summary>
    /// <returns>The records, none when there is no such name; or a code other than NOERROR, or why the answer cannot be believed.</returns>
    public async Task<(ImmutableArray<RData> Texts, Rcode Rcode, string? Problem)> TextsAsync(Name owner, CancellationToken cancel)
    {
        var (rcode, problem, answer) = await AskAsync(Question(owner), Opcode.Query, cancel);
        return problem is not null || rcode is not (Rcode.NoError or Rcode.NxDomain) ? ([], rcode, problem)
            : TextsOf(answer, owner) is { } texts ? (texts, Rcode.NoError, null)
            : ([], rcode, "the answer cannot be read");
    }

    private async Task<(Rcode Rcode, string? Problem, byte[] Answer)> AskAsync(byte[] request, Opcode opcode, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        using var signer = TsigSigner.ForRequest(key, time);
        var message = Signed(request, signer, out var id);
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, both.Token);
        await using var stream = new NetworkStream(socket);
        await stream.WriteAsync(message, both.Token);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, both.Token);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, both.Token);
        using var answers = new TsigAnswers(key, time, signer.LastMac);
        if (!MessageHeader.TryRead(answer, out var header) || header.Id != id || header.Opcode != opcode || (header.Flags & MessageFlags.Response) == 0)
        {
            return (default, "the answer is one to something else", answer);
        }

        var isBelieved = answers.TryTake(answer, out _, out var problem) && answers.Complete;
        return (header.Rcode, isBelieved ? null
            : header.Rcode == Rcode.NotAuth ? "the server does not take the key (NOTAUTH): its name, its secret or the clock is another there, or the zone is not the server's"
            : $"the answer ({header.Rcode}) cannot be believed: {problem ?? "it is not signed"}", answer);
    }

    private static byte[] Question(Name owner)
    {
        var message = new byte[MostQuestion];
        var writer = new MessageWriter(message);
        new MessageHeader((ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1), 0, Opcode.Query, Rcode.NoError, 1, 0, 0, 0).Write(message);
        var isWhole = writer.TryWriteName(owner.Wire) && writer.TryWriteUInt16((ushort)RecordType.TXT) && writer.TryWriteUInt16((ushort)RecordClass.IN);
        return isWhole ? message[..writer.Position] : throw new InvalidOperationException("a question has no room");
    }

    private static ImmutableArray<RData>? TextsOf(byte[] answer, Name owner)
    {
        _ = MessageHeader.TryRead(answer, out var header);
        var reader = new MessageReader(answer);
        var texts = ImmutableArray.CreateBuilder<RData>();
        for (var question = 0; question < header.QuestionCount; question++)
        {
            if (!reader.TryReadQuestion(out _))
            {
                return null;
            }
        }

        for (var record = 0; record < header.AnswerCount; record++)
        {
            if (!reader.TryReadName(out var name) || !reader.TryReadRecordHeader(out var about) || !reader.TryReadData(about, out var data))
            {
                return null;
            }

            if (about.Type == RecordType.TXT && owner.Equals(name))
            {
                texts.Add(data);
            }
        }

        return texts.ToImmutable();
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
