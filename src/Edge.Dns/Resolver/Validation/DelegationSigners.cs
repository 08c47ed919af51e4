using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>From what is known of a zone's keys, DS or the keys themselves, to the zone's DNSKEY set (RFC 4035 §5.2).</summary>
internal static class DelegationSigners
{
    // More than one key is hardly ever named, more than a few digests are a game.
    private const int MostTried = 8;

    /// <summary>The DS data that can be used, those with SHA-1 only where there is nothing better (RFC 4509 §3).</summary>
    /// <param name="all">All DS data.</param>
    /// <param name="code">When there is none: what is not supported.</param>
    public static List<RData> Usable(IEnumerable<RData> all, out ExtendedErrorCode code)
    {
        var whole = all.Where(ds => ds.Wire.Length > KeyDigest.HeadLength).ToList();
        // RFC 6840 §5.2: those with an unknown algorithm or digest are as if they were not there.
        var known = whole.FindAll(ds => PublicKey.Knows(ds.Wire[2]) && KeyDigest.Knows(ds.Wire[3]));
        code = whole.Exists(ds => PublicKey.Knows(ds.Wire[2])) ? ExtendedErrorCode.UnsupportedDsDigestType : ExtendedErrorCode.UnsupportedDnskeyAlgorithm;
        return known.Exists(ds => ds.Wire[3] != KeyDigest.Sha1) ? known.FindAll(ds => ds.Wire[3] != KeyDigest.Sha1) : known;
    }

    /// <summary>The trust in a zone that its own DNSKEY set deserves: one of the trusted keys has to be in it and to have signed it.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="message">The answer with its DNSKEY set.</param>
    /// <param name="signers">DS data that can be used.</param>
    /// <param name="trusted">DNSKEY data that is trusted itself.</param>
    /// <param name="now">The wall clock.</param>
    public static ZoneTrust Check(Name zone, Message message, IReadOnlyList<RData> signers, IReadOnlyList<RData> trusted, DateTimeOffset now)
    {
        if (SignedSet.Find(SignedSet.Of(message.Answer), zone, RecordType.DNSKEY) is not { } set)
        {
            return ZoneTrust.Bogus(ExtendedErrorCode.DnskeyMissing, $"{zone} has a DS and no DNSKEY");
        }

        var keys = ZoneSigningKey.OfZone(set);
        var budget = new ValidationBudget();
        var failure = SetVerdict.Bogus(ExtendedErrorCode.DnskeyMissing, $"no DNSKEY of {zone} goes with its DS");
        foreach (var key in keys.Where(key => trusted.Contains(key.Data) || IsNamed(key, zone, signers)).Take(MostTried))
        {
            var verdict = SetVerifier.Verify(set, zone, [key], now, budget);
            if (verdict.IsSecure)
            {
                return new ZoneTrust { Security = Security.Secure, Zone = zone, Keys = keys, Lifetime = verdict.Lifetime };
            }

            failure = verdict;
        }

        return ZoneTrust.Bogus(failure.Code, failure.Reason);
    }

    private static bool IsNamed(ZoneSigningKey key, Name zone, IReadOnlyList<RData> signers)
    {
        var tried = 0;
        foreach (var ds in signers)
        {
            var wire = ds.Wire;
            if (((wire[0] << 8) | wire[1]) == key.Tag && wire[2] == key.Algorithm && tried++ < ValidationBudget.KeysPerTag
                && wire.SequenceEqual(KeyDigest.DelegationSigner(zone.Wire, key.Data.Wire, wire[3])))
            {
                return true;
            }
        }

        return false;
    }
}
