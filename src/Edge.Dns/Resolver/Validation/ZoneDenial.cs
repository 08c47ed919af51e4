using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>The records of denial that one message has of one zone: those with a right signature, and why the others are not used.</summary>
internal sealed class ZoneDenial
{
    private readonly Denial? _nsec;
    private readonly Denial? _nsec3;

    /// <param name="authority">The sets of the authority section.</param>
    /// <param name="zone">The zone, with its keys.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="budget">What it may cost.</param>
    public ZoneDenial(List<SignedSet> authority, ZoneTrust zone, DateTimeOffset now, ValidationBudget budget)
    {
        var nsec = new List<NsecRecord>();
        var nsec3 = new List<Nsec3Record>();
        foreach (var set in authority)
        {
            if (set.Type is not (RecordType.NSEC or RecordType.NSEC3) || !set.Owner.IsAtOrBelow(zone.Zone))
            {
                continue;
            }

            var verdict = SetVerifier.Verify(set, zone.Zone, zone.Keys, now, budget);
            if (!verdict.IsSecure || verdict.Labels != CanonicalForm.LabelCount(set.Owner.Wire))
            {
                // One made from a wildcard speaks of the wildcard's name and not of this one.
                Failure = verdict.IsSecure ? SetVerdict.Bogus(ExtendedErrorCode.DnssecBogus, $"{set} comes from a wildcard") : verdict;
                continue;
            }

            Verified.Add(set);
            Lifetime = verdict.Lifetime < Lifetime ? verdict.Lifetime : Lifetime;
            nsec.AddRange(set.Records.Where(record => record.Type == RecordType.NSEC).Select(NsecRecord.Read).OfType<NsecRecord>());
            nsec3.AddRange(set.Records.Where(record => record.Type == RecordType.NSEC3).Select(record => Nsec3Record.Read(record, zone.Zone)).OfType<Nsec3Record>());
        }

        _nsec = nsec.Count > 0 ? new NsecDenial(nsec) : null;
        // RFC 9276 §3.2: signed it is, so nobody on the way has raised the number.
        HasTooManyIterations = nsec3.Exists(record => record.Iterations > ValidationBudget.MostIterations);
        nsec3.RemoveAll(record => record.Iterations > ValidationBudget.MostIterations);
        _nsec3 = nsec3.Count > 0 ? new Nsec3Denial(nsec3, zone.Zone, budget) : null;
    }

    /// <summary>The sets it relies on.</summary>
    public List<SignedSet> Verified { get; } = [];

    /// <summary>How long they may be kept.</summary>
    public TimeSpan Lifetime { get; } = TimeSpan.MaxValue;

    public bool HasTooManyIterations { get; }

    /// <summary>What is wrong with the last set that is not used; null when all are.</summary>
    public SetVerdict? Failure { get; }

    public Proof NoName(Name name) => First(denial => denial.NoName(name));

    public Proof NoType(Name name, RecordType type) => First(denial => denial.NoType(name, type));

    public Proof NoCloserMatch(Name name, int labels) => First(denial => denial.NoCloserMatch(name, labels));

    public CutProof Cut(Name name)
    {
        var cut = _nsec?.Cut(name) ?? CutProof.Missing;
        return cut != CutProof.Missing ? cut : _nsec3?.Cut(name) ?? (HasTooManyIterations ? CutProof.Unsigned : CutProof.Missing);
    }

    /// <summary>What to say when a proof is missing.</summary>
    public Verdict Missing(string what) => Failure is { } failure ? failure.ToVerdict()
        : Verdict.Bogus(what, ExtendedErrorCode.NsecMissing);

    private Proof First(Func<Denial, Proof> prove)
    {
        var proof = _nsec is null ? Proof.Missing : prove(_nsec);
        return proof != Proof.Missing ? proof : _nsec3 is not null ? prove(_nsec3) : HasTooManyIterations ? Proof.OptOut : Proof.Missing;
    }
}
