using System.Runtime.CompilerServices;
using Edge.Dns.Signing;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Adds to one answer what DNSSEC wants in it, for clients that say DO (RFC 4035 §3.1): signatures right behind their
/// sets, and proofs of what is not there. In unsigned zones and without DO it does nothing.
/// </summary>
internal ref struct AnswerSigner
{
    private const int MostTypes = 64;

    private readonly SignerSet _signers;
    private readonly bool _wanted;
    private readonly bool _limited;
    private readonly bool _compactOk;
    private ZoneSigner? _signer;
    private StoredSignatures? _stored;
    private Zone? _zone;
    private long _now;
    private ProofTrail _proofs;
    private int _proofCount;

    /// <param name="signers">The signers of our zones.</param>
    /// <param name="query">The question.</param>
    /// <param name="transport">Over UDP, whose senders may be forged, proofs for made-up names are limited.</param>
    public AnswerSigner(SignerSet signers, QueryMessage query, Transport transport)
    {
        _signers = signers;
        _wanted = query.DnssecOk;
        _limited = transport == Transport.Udp;
        _compactOk = query.CompactOk;
    }

    /// <summary>Whether a set of the zone is not answered, since what signing makes is made here; a file may have brought it.</summary>
    public readonly bool Replaces(Zone zone, RecordType type) => SignedNames.IsMadeBySigning(type) && _signers.Find(zone.Origin) is not null;

    /// <summary>Goes on in a zone.</summary>
    public void Enter(ref AnswerWriter writer, Zone zone)
    {
        if (ReferenceEquals(_zone, zone))
        {
            return;
        }

        _zone = zone;
        if (!_wanted)
        {
            return;
        }

        _signer = _signers.Find(zone.Origin);
        _stored = _signer is null ? StoredSignatures.Of(zone) : null;
        if (_signer is not null && _now == 0)
        {
            _now = _signer.Now();
        }

        // RFC 9824 §5.1: the bit says that the code of this answer follows it.
        writer.CompactOk |= _compactOk && _signer is { Denial: DenialMode.Compact };
    }

    /// <summary>Adds the signatures of a set that was just added to the answer section.</summary>
    /// <param name="writer">The answer.</param>
    /// <param name="set">The set.</param>
    /// <param name="zoneOwner">Its owner as the zone has it; a wildcard stays one (RFC 4035 §3.1.3.3 has its label count tell).</param>
    /// <param name="owner">Its owner in the answer; empty for the question's name.</param>
    public readonly void SignAnswer(ref AnswerWriter writer, in WireRRset set, scoped ReadOnlySpan<byte> zoneOwner, scoped ReadOnlySpan<byte> owner)
    {
        if ((_signer is null || !SignedNames.IsMadeBySigning(set.Type)) && SignaturesOf(set, zoneOwner) is { } signatures)
        {
            writer.AddAnswerSignatures(signatures, owner);
        }
    }

    /// <summary>The same for the authority section.</summary>
    public readonly void SignAuthority(ref AnswerWriter writer, in WireRRset set, scoped ReadOnlySpan<byte> owner)
    {
        if (SignaturesOf(set, owner) is { } signatures)
        {
            writer.AddAuthoritySignatures(signatures, owner);
        }
    }

    /// <summary>The same for the SOA of a negative answer, whose TTL may be a smaller one than it has in the zone (RFC 2308 §3).</summary>
    public readonly void SignNegativeSoa(ref AnswerWriter writer, RRset soa)
    {
        if (SignaturesOf(soa.Wire, soa.Owner.Wire, _zone?.SoaTtl) is { } signatures)
        {
            writer.AddAuthoritySignatures(signatures, soa.Owner.Wire);
        }
    }

    /// <summary>The same for addresses in the additional section, as far as there is room (RFC 4035 §3.1.1).</summary>
    public readonly void SignAdditional(ref AnswerWriter writer, in WireRRset set, scoped ReadOnlySpan<byte> owner)
    {
        if (SignaturesOf(set, owner) is { } signatures)
        {
            writer.AddAdditionalSignatures(signatures, owner);
        }
    }

    // Of a zone that is signed here, or of one that somebody else has signed; null where there are none.
    private readonly SignedRecords? SignaturesOf(in WireRRset set, scoped ReadOnlySpan<byte> owner, uint? zoneTtl = null) =>
        _signer is not null ? _signer.Sign(set, owner, _now, zoneTtl) : _stored?.Of(set, owner);

    /// <summary>
    /// Somebody asks for RRSIG or NSEC records themselves, which no zone holds: of an owner's signatures one is enough of an
    /// answer (RFC 8482 §4.1), and its NSEC record is the one that proofs carry. False when there is nothing such here.
    /// </summary>
    public bool TryAnswer(ref AnswerWriter writer, in LookupResult found, scoped NameSuffixes name, RecordType type, scoped ReadOnlySpan<byte> owner)
    {
        if (found.FromWildcard || _signers.Find(_zone!.Origin) is not { } signer)
        {
            return false;
        }

        var asked = _signer;
        (_signer, _now) = (signer, signer.Now());
        var nsec = type == RecordType.NSEC ? OwnNsec(found, name) : null;
        _signer = asked;
        if (nsec is not null)
        {
            writer.AddAnswer(nsec.Wire, owner);
            if (_wanted)
            {
                writer.AddAnswerSignatures(signer.Sign(nsec.Wire, nsec.Owner.Wire, _now), owner);
            }

            return true;
        }

        for (var i = 0; type == RecordType.RRSIG && i < found.Node.SetCount; i++)
        {
            if (!SignedNames.IsMadeBySigning(found.Node.TypeOf(i)) && (!found.Node.IsCut || found.Node.TypeOf(i) == RecordType.DS))
            {
                writer.AddAnswerSignatures(signer.Sign(found.Node.Set(i), found.Node.OwnerWire, _now), owner);
                return true;
            }
        }

        return false;
    }

    /// <summary>A wildcard has answered: proves that nothing nearer to the name exists (RFC 4035 §3.1.3.3).</summary>
    public void ProveNoCloserMatch(ref AnswerWriter writer, in LookupResult found, scoped NameSuffixes name)
    {
        if (!found.FromWildcard || found.Kind == LookupKind.NoData)
        {
            return;
        }

        if (Chain() is { } chain)
        {
            Add(chain.At(name.Wire));
        }
        else if (_stored?.Hashed is { } hashed)
        {
            Add(HashedProof.NoCloserMatch(hashed, name, EncloserOf(name, found.Node.OwnerWire.Length - 2)));
        }
        else if (_signer is not null)
        {
            // The name one label longer than the wildcard's parent: what lies below it shares its proof.
            var suffix = EncloserOf(name, found.Node.OwnerWire.Length - 2) - 1;
            Make(ref writer, ProofKind.NoCloserMatch, name[suffix], name.Hash(suffix), [], exists: false);
        }
    }

    // Which suffix of the name has this length.
    private static int EncloserOf(scoped NameSuffixes name, int length)
    {
        var suffix = 0;
        while (name.Wire.Length - name.Start(suffix) > length)
        {
            suffix++;
        }

        return suffix;
    }

    /// <summary>A name or its type is not there: proves it (RFC 4035 §3.1.3.1, §3.1.3.2, §3.1.3.4; RFC 9824 §3). The SOA is added already.</summary>
    public void ProveAbsence(ref AnswerWriter writer, in LookupResult found, scoped NameSuffixes name)
    {
        if (Chain() is { } chain)
        {
            Add(chain.At(name.Wire));
            if (found.Kind == LookupKind.NxDomain)
            {
                ProveNoWildcard(chain, found.Node.OwnerWire);
            }
            else if (found.FromWildcard)
            {
                Add(chain.At(found.Node.OwnerWire));
            }

            return;
        }

        if (_stored?.Hashed is { } hashed)
        {
            Add(found.Kind == LookupKind.NxDomain ? HashedProof.NoName(hashed, name, EncloserOf(name, found.Node.OwnerWire.Length))
                : found.FromWildcard ? HashedProof.NoTypeAtWildcard(hashed, name, EncloserOf(name, found.Node.OwnerWire.Length - 2))
                : HashedProof.NoType(hashed, name));
            return;
        }

        if (_signer is null)
        {
            return;
        }

        if (found.Kind != LookupKind.NxDomain)
        {
            ProveTypes(ref writer, found, name.Wire, name.Hash(0));
            return;
        }

        // RFC 9824 §3.1: the name is said to exist without data, and the code is that of such an answer, unless the client
        // knows better (§5.1).
        writer.Rcode = _compactOk ? Rcode.NxDomain : Rcode.NoError;
        Make(ref writer, ProofKind.NoName, name.Wire, name.Hash(0), [], exists: false);
    }

    /// <summary>A referral: the signed DS set, or the proof that there is none (RFC 4035 §3.1.4).</summary>
    public void ProveDelegation(ref AnswerWriter writer, in LookupResult found, scoped NameSuffixes name)
    {
        var cut = found.Node.OwnerWire;
        if (found.Node.TryFind(RecordType.DS, out var ds))
        {
            writer.AddAuthority(ds, cut);
            SignAuthority(ref writer, ds, cut);
        }
        else if (Chain() is { } chain)
        {
            Add(chain.At(cut));
        }
        else if (_stored?.Hashed is { } hashed)
        {
            Add(HashedProof.NoType(hashed, name, EncloserOf(name, cut.Length)));
        }
        else if (_signer is not null)
        {
            ProveTypes(ref writer, found, cut, NameComparison.Hash(cut));
        }
    }

    /// <summary>Writes the proofs that are not written yet into the authority section; what follows is the additional section.</summary>
    public void WriteProofs(ref AnswerWriter writer)
    {
        for (var i = 0; i < _proofCount; i++)
        {
            var nsec = _proofs[i]!;
            writer.AddAuthority(nsec.Wire, nsec.Owner.Wire);
            // Of a zone that the chain has left, the signature lies beside the record as well.
            if (nsec.Signatures is { } signatures)
            {
                writer.AddAuthoritySignatures(signatures, nsec.Owner.Wire);
            }
        }

        _proofCount = 0;
    }

    private readonly RRset? OwnNsec(in LookupResult found, scoped NameSuffixes name)
    {
        if (Chain() is { } chain)
        {
            return chain.At(name.Wire) is var link && NameComparison.Equal(link.Owner.Wire, name.Wire) ? link : null;
        }

        Span<RecordType> types = stackalloc RecordType[MostTypes];
        return TypesOf(found.Node, types) is var count and >= 0
            ? _signers.Compact.Prove(
                _signer!, found.Node.IsCut ? ProofKind.Delegation : ProofKind.Types, name.Wire, name.Hash(0), types[..count], _zone!.NegativeSoa?.Ttl ?? 0, exists: true, _limited, _now)
            : null;
    }

    private readonly NsecChain? Chain() => _signer is { Denial: DenialMode.Nsec } ? _signers.Chains.Of(_zone!) : _stored?.Chain;

    private void Add(in HashedProof proof)
    {
        foreach (var one in (ReadOnlySpan<RRset?>)[proof.First, proof.Second, proof.Third])
        {
            if (one is not null)
            {
                Add(one);
            }
        }
    }

    [SkipLocalsInit]
    private void ProveNoWildcard(NsecChain chain, scoped ReadOnlySpan<byte> encloser)
    {
        if (encloser.Length + 2 <= Name.MaxWireLength)
        {
            Span<byte> wildcard = stackalloc byte[Name.MaxWireLength];
            wildcard[0] = 1;
            wildcard[1] = (byte)'*';
            encloser.CopyTo(wildcard[2..]);
            Add(chain.At(wildcard[..(encloser.Length + 2)]));
        }
    }

    // The types of the node that answers for the name: its own, or those of the wildcard that stands for it (RFC 9824 §3.3).
    [SkipLocalsInit]
    private void ProveTypes(ref AnswerWriter writer, in LookupResult found, scoped ReadOnlySpan<byte> name, int hash)
    {
        Span<RecordType> types = stackalloc RecordType[MostTypes];
        if (TypesOf(found.Node, types) is var count and >= 0)
        {
            Make(ref writer, found.Node.IsCut ? ProofKind.Delegation : ProofKind.Types, name, hash, types[..count], exists: !found.FromWildcard);
        }
    }

    // -1 where there are more than a name ever has: a proof with some of them left out would be a lie. So would be one
    // without the addresses that an ALIAS has and that are not known now.
    private static int TypesOf(ZoneNode node, Span<RecordType> types)
    {
        var count = 0;
        if ((node.Flags & NodeFlags.Unresolved) != 0)
        {
            foreach (var type in (ReadOnlySpan<RecordType>)[RecordType.A, RecordType.AAAA])
            {
                if (!node.TryFind(type, out _))
                {
                    types[count++] = type;
                }
            }
        }

        for (var i = 0; i < node.SetCount; i++)
        {
            var type = node.TypeOf(i);
            if (node.IsCut ? type is RecordType.NS or RecordType.DS : !SignedNames.IsMadeBySigning(type))
            {
                if (count == types.Length)
                {
                    return -1;
                }

                types[count++] = type;
            }
        }

        return count;
    }

    private void Make(ref AnswerWriter writer, ProofKind kind, scoped ReadOnlySpan<byte> name, int hash, scoped ReadOnlySpan<RecordType> types, bool exists)
    {
        var ttl = _zone!.NegativeSoa?.Ttl ?? 0;
        if (_signers.Compact.Prove(_signer!, kind, name, hash, types, ttl, exists, _limited, _now) is { } proof)
        {
            Add(proof);
        }
        else if (_limited)
        {
            // More made-up names than are signed in a second: over TCP, whose senders are who they say, it goes on.
            writer.Truncate();
        }
    }

    private void Add(RRset proof)
    {
        for (var i = 0; i < _proofCount; i++)
        {
            if (ReferenceEquals(_proofs[i], proof))
            {
                return;
            }
        }

        if (_proofCount < ProofTrail.Capacity)
        {
            SignaturesOf(proof.Wire, proof.Owner.Wire);
            _proofs[_proofCount++] = proof;
        }
    }
}
