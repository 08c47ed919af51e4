using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Signing.Keys;

/// <summary>A key of a zone: the secret, and the records that follow from it.</summary>
public sealed class ZoneKey
{
    private const ushort ZoneKeyFlag = 0x0100;
    private const ushort SecureEntryPoint = 0x0001;
    private const byte Protocol = 3;

    /// <summary>Makes the records of a key.</summary>
    /// <param name="origin">The zone.</param>
    /// <param name="role">What it signs; a CSK or KSK carries the SEP flag (RFC 4034 §2.1.1).</param>
    /// <param name="secret">The key itself.</param>
    public ZoneKey(Name origin, KeyRole role, PrivateKey secret)
    {
        (Origin, Role, Secret) = (origin, role, secret);
        var wire = new byte[4 + secret.PublicKey.Length];
        BinaryPrimitives.WriteUInt16BigEndian(wire, (ushort)(ZoneKeyFlag | (role == KeyRole.Zsk ? 0 : SecureEntryPoint)));
        wire[2] = Protocol;
        wire[3] = (byte)secret.Algorithm;
        secret.PublicKey.CopyTo(wire.AsSpan(4));
        Dnskey = new RData(wire);
        Tag = KeyDigest.TagOf(wire);
    }

    /// <summary>The zone.</summary>
    public Name Origin { get; }

    /// <summary>What it signs.</summary>
    public KeyRole Role { get; }

    /// <summary>The secret.</summary>
    public PrivateKey Secret { get; }

    /// <summary>The algorithm.</summary>
    public SigningAlgorithm Algorithm => Secret.Algorithm;

    /// <summary>The key tag (RFC 4034 appendix B): a hint at which key made a signature.</summary>
    public ushort Tag { get; }

    /// <summary>DNSKEY data; CDNSKEY data is the same (RFC 7344 §3.2).</summary>
    public RData Dnskey { get; }

    /// <summary>Whether the parent's DS may name it.</summary>
    public bool IsEntryPoint => Role != KeyRole.Zsk;

    /// <summary>DS data with a SHA-256 digest (RFC 4034 §5.1, RFC 4509 §2.1); CDS data is the same (RFC 7344 §3.1).</summary>
    public RData DelegationSigner() => new(KeyDigest.DelegationSigner(Origin.Wire, Dnskey.Wire));
}
