using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>The judgement on one answer: each link of its chain of aliases and its end; the whole is as good as its weakest part.</summary>
internal sealed class Judgement(
    QuestionKey key, Message message, ChainOfTrust chain, TrustAnchorSet anchors, ProofMemory? proofs, DateTimeOffset now, CancellationToken deadline)
{
    // As long as the scrubber follows it.
    private const int MaxChain = 16;

    private readonly ValidationBudget _budget = new();
    private readonly List<SignedSet> _answers = SignedSet.Of(message.Answer);
    private readonly List<SignedSet> _authorities = SignedSet.Of(message.Authority);
    private readonly Dictionary<Name, ZoneDenial> _denials = [];
    private readonly HashSet<SignedSet> _verified = [];
    private Verdict _weakest = Verdict.Secure(TimeSpan.MaxValue);

    /// <summary>The name that aliases led to and that was denied; null when it was another way.</summary>
    public Name? DeniedEnd { get; private set; }

    public async Task<Verdict> RunAsync()
    {
        var here = key.Name;
        var complete = false;
        for (var step = 0; step < MaxChain && !_weakest.Fails; step++)
        {
            var found = _answers.FindAll(set => set.Owner == here && (set.Type == key.Type || key.Type == RecordType.ANY));
            complete = found.Count > 0 || IsSignatureQuestion(here);
            foreach (var set in found)
            {
                await WeighAsync(set, here).ConfigureAwait(false);
            }

            if (complete || SignedSet.Find(_answers, here, RecordType.CNAME) is not { } alias || await FollowAsync(alias, here).ConfigureAwait(false) is not { } target)
            {
                break;
            }

            here = target;
        }

        if (!_weakest.Fails && (!complete || message.Rcode == Rcode.NxDomain))
        {
            DeniedEnd = here == key.Name ? null : here;
            await WeighDenialAsync(here).ConfigureAwait(false);
        }

        if (_weakest.Security == Security.Secure)
        {
            DropUnverified();
        }

        return _weakest;
    }

    // RFC 4035 §5.3.1: there are no signatures over signatures.
    private bool IsSignatureQuestion(Name here)
    {
        var isOne = key.Type == RecordType.RRSIG && message.Answer.Exists(record => record.Type == RecordType.RRSIG && record.Owner == here);
        if (isOne)
        {
            Weigh(new Verdict(Security.Insecure, Reason: "signatures are not signed themselves"));
        }

        return isOne;
    }

    private async Task<Name?> FollowAsync(SignedSet alias, Name here)
    {
        // RFC 6672 §5.3.1: the CNAME that follows from a DNAME is not signed; the DNAME is.
        if (_answers.Find(set => set.Type == RecordType.DNAME && set.Owner != here && here.IsAtOrBelow(set.Owner)) is { } dname)
        {
            await WeighAsync(dname, here).ConfigureAwait(false);
            return Target(dname) is { } end && here.Wire.Length - dname.Owner.Wire.Length + end.Wire.Length <= Name.MaxWireLength
                ? Name.FromWire([.. here.Wire[..^dname.Owner.Wire.Length], .. end.Wire])
                : null;
        }

        await WeighAsync(alias, here).ConfigureAwait(false);
        return Target(alias);
    }

    private static Name? Target(SignedSet set)
    {
        var data = set.Records[0].Data.Wire;
        return set.Records.Count == 1 && RDataNames.NameLength(data) == data.Length ? Name.FromWire(data) : null;
    }

    private async Task WeighAsync(SignedSet set, Name about)
    {
        var zone = await ZoneOfAsync(set, about).ConfigureAwait(false);
        if (zone.Security != Security.Secure)
        {
            Weigh(zone.ToVerdict());
            return;
        }

        if (set.Signer is not { } signer)
        {
            Weigh(Verdict.Bogus($"no signature over {set}, and {zone.Zone} is signed", ExtendedErrorCode.RrsigsMissing));
            return;
        }

        if (signer != zone.Zone)
        {
            Weigh(Verdict.Bogus($"{set} is signed by {signer}, which is no zone"));
            return;
        }

        var verdict = SetVerifier.Verify(set, zone.Zone, zone.Keys, now, _budget);
        Weigh(verdict.ToVerdict());
        // RFC 4035 §5.3.4: a wildcard answers only for names that are not there.
        if (verdict.IsSecure && verdict.Labels < CanonicalForm.LabelCount(set.Owner.Wire))
        {
            var denial = DenialOf(zone);
            WeighProof(denial, denial.NoCloserMatch(set.Owner, verdict.Labels), $"no proof that {set.Owner} is only a wildcard's");
        }
    }

    private async Task WeighDenialAsync(Name name)
    {
        var about = key.Type == RecordType.DS && !name.IsRoot ? name.Parent! : name;
        // Proofs of other zones may stand there too, for aliases before this name: the nearest zone is the one that can deny it.
        var signed = _authorities.FindAll(set => set.Type is RecordType.SOA or RecordType.NSEC or RecordType.NSEC3 && set.Signer is { } signer && about.IsAtOrBelow(signer))
            .MaxBy(set => set.Signer!.LabelCount);
        var zone = await ZoneOfAsync(signed?.Signer, about).ConfigureAwait(false);
        if (zone.Security != Security.Secure)
        {
            Weigh(zone.ToVerdict());
            return;
        }

        if (signed is null || signed.Signer != zone.Zone)
        {
            var isThere = _authorities.Exists(set => set.Type is RecordType.NSEC or RecordType.NSEC3);
            Weigh(Verdict.Bogus($"no signed proof that {name} has no {key.Type}", isThere ? ExtendedErrorCode.RrsigsMissing : ExtendedErrorCode.NsecMissing));
            return;
        }

        var denial = DenialOf(zone);
        var proof = message.Rcode == Rcode.NxDomain ? denial.NoName(name) : denial.NoType(name, key.Type);
        WeighProof(denial, proof, message.Rcode == Rcode.NxDomain ? $"no proof that there is no {name}" : $"no proof that {name} has no {key.Type}");
        if (WeighApex(zone) is { } apex && _weakest.Security == Security.Secure)
        {
            proofs?.Keep(zone.Zone, apex, denial.Verified, _weakest.Lifetime);
        }
    }

    // The SOA says how long the denial holds, so it has to be right as well.
    private SignedSet? WeighApex(ZoneTrust zone)
    {
        if (SignedSet.Find(_authorities, zone.Zone, RecordType.SOA) is not { } apex)
        {
            return null;
        }

        var verdict = SetVerifier.Verify(apex, zone.Zone, zone.Keys, now, _budget);
        Weigh(verdict.ToVerdict());
        _verified.Add(apex);
        return apex;
    }

    private void WeighProof(ZoneDenial denial, Proof proof, string missing)
    {
        Weigh(proof switch
        {
            Proof.Complete => Verdict.Secure(denial.Lifetime),
            Proof.OptOut when denial.HasTooManyIterations =>
                new Verdict(Security.Insecure, ExtendedErrorCode.UnsupportedNsec3Iterations, $"more than {ValidationBudget.MostIterations} iterations of NSEC3"),
            Proof.OptOut => new Verdict(Security.Insecure, Reason: "a delegation may be left out (opt-out)"),
            _ => denial.Missing(missing),
        });
        _verified.UnionWith(denial.Verified);
    }

    private ZoneDenial DenialOf(ZoneTrust zone)
    {
        if (!_denials.TryGetValue(zone.Zone, out var denial))
        {
            _denials[zone.Zone] = denial = new ZoneDenial(_authorities, zone, now, _budget);
        }

        return denial;
    }

    private Task<ZoneTrust> ZoneOfAsync(SignedSet set, Name about)
    {
        // A DS belongs to the zone above its owner (RFC 4035 §3.1.4.1).
        var isAbove = set.Type == RecordType.DS && !set.Owner.IsRoot && about == set.Owner;
        return ZoneOfAsync(set.Signer, isAbove ? about.Parent! : about);
    }

    private async Task<ZoneTrust> ZoneOfAsync(Name? signer, Name about)
    {
        if (anchors.Above(about, now) is not { } anchor)
        {
            return ZoneTrust.Insecure("no trust anchor holds for it", TimeSpan.MaxValue);
        }

        // Whoever claims a signer above the anchor claims that the anchor does not hold.
        return signer is not null && !signer.IsAtOrBelow(anchor.Zone)
            ? ZoneTrust.Bogus(ExtendedErrorCode.DnssecBogus, $"{about} is signed by {signer}, above its trust anchor")
            : await chain.OfAsync(signer ?? about, signs: signer is not null).AsTask().WaitAsync(deadline).ConfigureAwait(false);
    }

    private void Weigh(Verdict verdict)
    {
        var lifetime = verdict.Lifetime < _weakest.Lifetime ? verdict.Lifetime : _weakest.Lifetime;
        _weakest = (Rank(verdict) > Rank(_weakest) ? verdict : _weakest) with { Lifetime = lifetime };
        if (_budget.IsSpent && !_weakest.Fails)
        {
            _weakest = new Verdict(Security.Indeterminate, ExtendedErrorCode.DnssecIndeterminate, "the answer is too much work to validate");
        }
    }

    private static int Rank(Verdict verdict) => verdict.Security switch
    {
        Security.Secure => 0,
        Security.Insecure => 1,
        Security.Indeterminate => 2,
        _ => 3,
    };

    // AD speaks for the authority section as well (RFC 4035 §3.2.3): what nobody verified does not go along.
    private void DropUnverified() => message.Authority.RemoveAll(record =>
        TypeOrCovered(record) is RecordType.NSEC or RecordType.NSEC3 or RecordType.SOA
        && !_verified.Any(set => set.Owner == record.Owner && set.Type == TypeOrCovered(record)));

    private static RecordType TypeOrCovered(ResourceRecord record) => record.Type != RecordType.RRSIG ? record.Type
        : BinaryPrimitives.TryReadUInt16BigEndian(record.Data.Wire, out var covered) ? (RecordType)covered : RecordType.None;
}
