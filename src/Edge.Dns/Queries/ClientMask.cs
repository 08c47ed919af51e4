using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Edge.Dns.Queries;

/// <summary>Takes from a client's address what is not to be kept.</summary>
internal sealed class ClientMask(ClientDisplay display)
{
    // Of this run only: without it nobody finds the addresses again by trying all of them.
    private readonly byte[] _secret = RandomNumberGenerator.GetBytes(HMACSHA256.HashSizeInBytes);

    public void Apply(ref QuerySlot slot)
    {
        switch (display)
        {
            case ClientDisplay.Network:
                slot.Client = ClientText.Network(slot.Client);
                slot.Flags |= QuerySlot.ClientIsNetwork;
                break;
            case ClientDisplay.Hashed:
                slot.Client = ClientText.Hashed(Hash(slot.Client));
                break;
        }
    }

    private ulong Hash(UInt128 client)
    {
        Span<byte> bytes = stackalloc byte[16];
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, client);
        HMACSHA256.HashData(_secret, bytes, hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash);
    }
}
