using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Verifies the signatures of one set (RFC 4035 §5.3).</summary>
internal static class SetVerifier
{
    // What is looked at without cryptography; a set with more signatures than this is a game.
    private const int MostSignatures = 64;

    /// <summary>Whether one of the keys signed the set: any signature that is right is enough (RFC 6840 §5.4).</summary>
    /// <param name="set">The set.</param>
    /// <param name="zone">The zone the keys belong to.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="budget">What it may cost.</param>
    public static SetVerdict Verify(SignedSet set, Name zone, IReadOnlyList<ZoneSigningKey> keys, DateTimeOffset now, ValidationBudget budget)
    {
        var failure = SetVerdict.Bogus(ExtendedErrorCode.RrsigsMissing, $"no signature over {set}");
        var attempts = 0;
        var labels = CanonicalForm.LabelCount(set.Owner.Wire);
        foreach (var signature in set.Signatures.Take(MostSignatures))
        {
            if (Objection(set, signature, zone, labels, now, out var left) is { } objection)
            {
                failure = Graver(failure, objection);
                continue;
            }

            var tried = 0;
            byte[]? data = null;
            foreach (var key in keys)
            {
                if (key.Tag != signature.KeyTag || key.Algorithm != signature.Algorithm || tried == ValidationBudget.KeysPerTag)
                {
                    continue;
                }

                tried++;
                if (attempts++ == ValidationBudget.PerSet || !budget.TrySignature())
                {
                    return SetVerdict.Bogus(ExtendedErrorCode.DnssecBogus, $"too many signatures to try over {set}");
                }

                data ??= SignedData(set, signature, labels);
                if (key.Verify(data, signature.Signature))
                {
                    return SetVerdict.Secure(Lifetime(set, signature, left), signature.Labels);
                }
            }

            failure = Graver(failure, tried > 0
                ? SetVerdict.Bogus(ExtendedErrorCode.DnssecBogus, $"the signature over {set} is wrong")
                : SetVerdict.Bogus(ExtendedErrorCode.DnskeyMissing, $"{set} is signed with key {signature.KeyTag}, which {zone} has not"));
        }

        return failure;
    }

    // RFC 4035 §5.3.1.
    private static SetVerdict? Objection(SignedSet set, SignatureRecord signature, Name zone, int labels, DateTimeOffset now, out TimeSpan left)
    {
        var place = SignatureTime.Place(signature, now, out left);
        if (signature.Signer != zone)
        {
            return SetVerdict.Bogus(ExtendedErrorCode.RrsigsMissing, $"{set} is signed by {signature.Signer}, not by {zone}");
        }

        if (signature.Labels > labels || signature.Labels < zone.LabelCount)
        {
            return SetVerdict.Bogus(ExtendedErrorCode.DnssecBogus, $"the signature over {set} is for another name");
        }

        return place switch
        {
            > 0 => SetVerdict.Bogus(ExtendedErrorCode.SignatureExpired, $"the signature over {set} has expired"),
            < 0 => SetVerdict.Bogus(ExtendedErrorCode.SignatureNotYetValid, $"the signature over {set} is not valid yet"),
            _ when !PublicKey.Knows(signature.Algorithm) =>
                SetVerdict.Bogus(ExtendedErrorCode.UnsupportedDnskeyAlgorithm, $"{set} is signed with algorithm {signature.Algorithm}, which is not supported"),
            _ => null,
        };
    }

    // RFC 4034 §3.1.8.1 and §6; RFC 4035 §5.3.2: what comes from a wildcard was signed under the wildcard's name.
    private static byte[] SignedData(SignedSet set, SignatureRecord signature, int labels)
    {
        scoped var owner = set.Owner.Wire;
        Span<byte> wildcard = stackalloc byte[Name.MaxWireLength + 2];
        if (signature.Labels < labels)
        {
            for (var skip = set.Owner.LabelCount - signature.Labels; skip > 0; skip--)
            {
                owner = owner[(owner[0] + 1)..];
            }

            wildcard[0] = 1;
            wildcard[1] = (byte)'*';
            owner.CopyTo(wildcard[2..]);
            owner = wildcard[..(owner.Length + 2)];
        }

        var data = new List<byte>(signature.Head);
        CanonicalForm.AppendSet(data, owner, set.Type, signature.OriginalTtl, set.Records.Select(record => CanonicalForm.DataOf(set.Type, record.Data.Wire)));
        return [.. data];
    }

    // RFC 4035 §5.3.3.
    private static TimeSpan Lifetime(SignedSet set, SignatureRecord signature, TimeSpan left)
    {
        var ttl = Math.Min(set.Records.Min(record => record.Ttl), Math.Min(signature.Record.Ttl, signature.OriginalTtl));
        return TimeSpan.FromSeconds(Math.Min(ttl, left.TotalSeconds));
    }

    // Of several the one that was nearest to being right is told.
    private static SetVerdict Graver(SetVerdict a, SetVerdict b) => Weight(b) > Weight(a) ? b : a;

    private static int Weight(SetVerdict failure) => failure.Code switch
    {
        ExtendedErrorCode.RrsigsMissing => 0,
        ExtendedErrorCode.UnsupportedDnskeyAlgorithm => 1,
        ExtendedErrorCode.DnskeyMissing => 2,
        ExtendedErrorCode.SignatureNotYetValid => 3,
        ExtendedErrorCode.SignatureExpired => 4,
        _ => 5,
    };
}
