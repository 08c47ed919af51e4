using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>The proofs that are kept of one zone, and the answers that follow from them.</summary>
internal sealed class ZoneProofs(Name zone, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly ProofOrder _names = new(static (a, b) => a.Nsec!.Owner.CompareTo(b.Nsec!.Owner));
    private readonly ProofOrder _hashes = new(static (a, b) => a.Nsec3!.Hash.AsSpan().SequenceCompareTo(b.Nsec3!.Hash));
    private KeptProof? _apex;

    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _names.Count + _hashes.Count;
            }
        }
    }

    /// <summary>Keeps what one denial has brought.</summary>
    /// <param name="apex">The zone's SOA.</param>
    /// <param name="sets">Its records of denial.</param>
    /// <param name="lifetime">How long all of them hold.</param>
    public void Keep(SignedSet apex, List<SignedSet> sets, TimeSpan lifetime)
    {
        // RFC 8198 §5.4 and RFC 9077 §3: no longer than a negative answer of the zone.
        var soa = apex.Records[0];
        var minimum = soa.Data.Wire.Length < 4 ? 0 : BinaryPrimitives.ReadUInt32BigEndian(soa.Data.Wire[^4..]);
        var negative = TimeSpan.FromSeconds(Math.Min(soa.Ttl, minimum));
        lifetime = negative < lifetime ? negative : lifetime;
        var start = time.GetTimestamp();
        lock (_gate)
        {
            _apex = new KeptProof(apex, null, null, start, lifetime);
            foreach (var set in sets.Where(static set => set.Records.Count == 1))
            {
                var record = set.Records[0];
                if (set.Type == RecordType.NSEC && NsecRecord.Read(record) is { } nsec)
                {
                    // Made for one name that is not there (RFC 9824 §3.1): of no use for any other.
                    if (!nsec.Has(RecordType.NXNAME))
                    {
                        _names.Put(new KeptProof(set, nsec, null, start, lifetime));
                    }
                }
                else if (set.Type == RecordType.NSEC3 && Nsec3Record.Read(record, zone) is { IsOptOut: false } nsec3)
                {
                    Put(new KeptProof(set, null, nsec3, start, lifetime));
                }
            }
        }
    }

    /// <summary>Forgets what holds no longer; true when nothing is left.</summary>
    public bool RemoveExpired()
    {
        lock (_gate)
        {
            _names.RemoveAll(proof => proof.Left(time) <= TimeSpan.Zero);
            _hashes.RemoveAll(proof => proof.Left(time) <= TimeSpan.Zero);
            return _names.Count + _hashes.Count == 0;
        }
    }

    /// <summary>The answer to a question for a name in the zone; null when none follows.</summary>
    public Message? Answer(QuestionKey key)
    {
        lock (_gate)
        {
            return _apex is null || _apex.Left(time) <= TimeSpan.Zero ? null : ByName(key, _apex) ?? ByHash(key, _apex);
        }
    }

    private void Put(KeptProof proof)
    {
        // A zone that changes its salt has another chain; the old one is no longer added to.
        if (_hashes.Any is { } other && !other.Nsec3!.IsOfSameChain(proof.Nsec3!))
        {
            _hashes.Clear();
        }

        _hashes.Put(proof);
    }

    private Message? ByName(QuestionKey key, KeptProof apex)
    {
        if (At(key.Name) is not { } nearest)
        {
            return null;
        }

        List<KeptProof> used = [nearest];
        if (nearest.Nsec!.Denies(key.Name) && NsecDenial.WildcardAbove(key.Name, nearest.Nsec) is { } wildcard && At(wildcard) is { } other && other != nearest)
        {
            used.Add(other);
        }

        return Conclude(key, new NsecDenial([.. used.Select(proof => proof.Nsec!)]), apex, used);
    }

    private Message? ByHash(QuestionKey key, KeptProof apex)
    {
        if (_hashes.Count == 0)
        {
            return null;
        }

        var denial = new RememberedDenial(_hashes, zone, new ValidationBudget(), time);
        return Conclude(key, denial, apex, denial.Used);
    }

    private KeptProof? At(Name name) =>
        _names.At(proof => proof.Nsec!.Owner.CompareTo(name)) is { } proof && proof.Left(time) > TimeSpan.Zero ? proof : null;

    private Message? Conclude(QuestionKey key, Denial denial, KeptProof apex, List<KeptProof> used)
    {
        var noType = denial.NoType(key.Name, key.Type) == Proof.Complete;
        if (!noType && denial.NoName(key.Name) != Proof.Complete)
        {
            return null;
        }

        var message = new Message { Rcode = noType ? Rcode.NoError : Rcode.NxDomain };
        foreach (var proof in used.Prepend(apex))
        {
            var ttl = (uint)proof.Left(time).TotalSeconds;
            message.Authority.AddRange(proof.Set.Records.Concat(proof.Set.Signatures.Select(signature => signature.Record)).Select(record => record with { Ttl = ttl }));
        }

        return message;
    }
}
