using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A key of a trust point as it is followed (RFC 5011).</summary>
/// <param name="Data">DNSKEY data, without the REVOKE flag.</param>
/// <param name="State">How far it is.</param>
/// <param name="Since">Since when it is in this state.</param>
internal sealed record AnchorKey(RData Data, AnchorKeyState State, DateTimeOffset Since)
{
    private const ushort RevokeFlag = 0x0080;

    public bool IsTrusted => State is AnchorKeyState.Valid or AnchorKeyState.Missing;

    /// <summary>Whether it has taken itself back.</summary>
    public bool IsGone => State is AnchorKeyState.Revoked or AnchorKeyState.Removed;

    public ushort Tag => KeyDigest.TagOf(Data.Wire);

    /// <summary>A key's data as it was before it was revoked.</summary>
    public static RData Unrevoked(ZoneSigningKey key)
    {
        var wire = key.Data.Wire.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(wire, (ushort)(key.Flags & ~RevokeFlag));
        return new RData(wire);
    }

    /// <summary>Whether DS data names it.</summary>
    public bool IsNamedBy(Name zone, RData ds) =>
        ds.Wire.Length > KeyDigest.HeadLength && KeyDigest.Knows(ds.Wire[3]) && ds.Wire.SequenceEqual(KeyDigest.DelegationSigner(zone.Wire, Data.Wire, ds.Wire[3]));
}
