using System.Buffers.Binary;
using System.Security.Cryptography;
using Edge.Dns.Wire;

namespace Edge.Dns.Dnssec;

/// <summary>What others call a key by: its tag, and the digest that a DS record carries.</summary>
internal static class KeyDigest
{
    /// <summary>RFC 4034 §5.1.4.</summary>
    public const byte Sha1 = 1;

    /// <summary>RFC 4509.</summary>
    public const byte Sha256 = 2;

    /// <summary>RFC 6605 §2.</summary>
    public const byte Sha384 = 4;

    /// <summary>Bytes of DS data before the digest (RFC 4034 §5.1).</summary>
    public const int HeadLength = 4;

    /// <summary>The key tag (RFC 4034 appendix B): a hint at which key made a signature.</summary>
    /// <param name="dnskey">DNSKEY data.</param>
    public static ushort TagOf(ReadOnlySpan<byte> dnskey)
    {
        uint sum = 0;
        for (var i = 0; i < dnskey.Length; i++)
        {
            sum += (i & 1) == 0 ? (uint)dnskey[i] << 8 : dnskey[i];
        }

        return (ushort)(sum + (sum >> 16));
    }

    /// <summary>Whether digests of this type can be computed here.</summary>
    public static bool Knows(byte digestType) => digestType is Sha1 or Sha256 or Sha384;

    /// <summary>DS data of a key (RFC 4034 §5.1, RFC 4509 §2.1).</summary>
    /// <param name="owner">The zone.</param>
    /// <param name="dnskey">DNSKEY data.</param>
    /// <param name="digestType">One that <see cref="Knows"/> knows.</param>
    public static byte[] DelegationSigner(ReadOnlySpan<byte> owner, ReadOnlySpan<byte> dnskey, byte digestType = Sha256)
    {
        byte[] digested = [.. CanonicalForm.Lowered(owner), .. dnskey];
        byte[] digest = digestType switch
        {
            Sha1 => SHA1.HashData(digested),
            Sha256 => SHA256.HashData(digested),
            _ => SHA384.HashData(digested),
        };
        var wire = new byte[HeadLength + digest.Length];
        BinaryPrimitives.WriteUInt16BigEndian(wire, TagOf(dnskey));
        wire[2] = dnskey[3];
        wire[3] = digestType;
        digest.CopyTo(wire, HeadLength);
        return wire;
    }
}
