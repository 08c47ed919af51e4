using System.Buffers.Binary;
using System.Security.Cryptography;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A request to another server, signed where both share a key, and what its answers must be to be believed.</summary>
internal sealed class PeerRequest : IDisposable
{
    private readonly TsigAnswers? _answers;
    private readonly Opcode _opcode;

    /// <summary>Numbers the message at random and signs it.</summary>
    public PeerRequest(Message message, TsigKey? key, TimeProvider time)
    {
        message.Id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        (Id, _opcode) = (message.Id, message.Opcode);
        var wire = message.ToArray();
        if (key is null)
        {
            Wire = wire;
            return;
        }

        using var signer = TsigSigner.ForRequest(key, time);
        Array.Resize(ref wire, wire.Length + signer.RoomNeeded);
        Wire = wire.AsMemory(0, signer.Sign(wire, wire.Length - signer.RoomNeeded));
        _answers = new TsigAnswers(key, time, signer.LastMac);
    }

    public ReadOnlyMemory<byte> Wire { get; }

    public ushort Id { get; }

    /// <summary>Whether all answers so far are covered by a signature, where one is needed.</summary>
    public bool Complete => _answers?.Complete ?? true;

    /// <summary>Whether a message can be an answer to this request at all; others are not looked at.</summary>
    public bool IsAnsweredBy(ReadOnlySpan<byte> wire) => MessageHeader.TryRead(wire, out var header)
        && header.Id == Id && header.Opcode == _opcode && (header.Flags & MessageFlags.Response) != 0;

    /// <summary>Verifies and reads the next answer; null when it must not be believed.</summary>
    /// <param name="wire">The answer as it came; changed where it is signed.</param>
    /// <param name="problem">What is wrong with it, in words.</param>
    public Message? Read(Span<byte> wire, out string? problem)
    {
        problem = IsAnsweredBy(wire) ? null : "an answer to something else";
        var length = wire.Length;
        if (problem is not null || _answers?.TryTake(wire, out length, out problem) == false)
        {
            return null;
        }

        if (length < wire.Length)
        {
            var additional = BinaryPrimitives.ReadUInt16BigEndian(wire[10..]);
            BinaryPrimitives.WriteUInt16BigEndian(wire[10..], (ushort)(additional - 1));
        }

        return Message.TryParse(wire[..length], out var message, out problem) ? message : null;
    }

    public void Dispose() => _answers?.Dispose();
}
