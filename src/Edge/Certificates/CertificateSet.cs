using System.Collections.Frozen;

namespace Edge.Certificates;

/// <summary>The certificates of one moment, by name. Immutable; looked up once per handshake without an allocation.</summary>
internal sealed class CertificateSet
{
    public static readonly CertificateSet Empty = new([], [], null);

    private readonly FrozenDictionary<string, (ServedCertificate Certificate, int Rank)>.AlternateLookup<ReadOnlySpan<char>> _exact;
    private readonly FrozenDictionary<string, (ServedCertificate Certificate, int Rank)>.AlternateLookup<ReadOnlySpan<char>> _wildcards;

    private CertificateSet(Dictionary<string, (ServedCertificate, int)> exact, Dictionary<string, (ServedCertificate, int)> wildcards, ServedCertificate? fallback)
    {
        _exact = exact.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        _wildcards = wildcards.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase).GetAlternateLookup<ReadOnlySpan<char>>();
        Default = fallback;
    }

    /// <summary>For clients that name no host, or one that no certificate covers; null when there is none at all.</summary>
    public ServedCertificate? Default { get; }

    /// <summary>Sorts the certificates of a moment.</summary>
    /// <param name="certificates">All that may be served.</param>
    /// <param name="defaultName">The name whose certificate is the default.</param>
    /// <param name="now">The moment: what has expired then is served only where nothing better is.</param>
    public static CertificateSet Build(IEnumerable<ServedCertificate> certificates, string defaultName, DateTimeOffset now)
    {
        var exact = new Dictionary<string, (ServedCertificate, int)>(StringComparer.OrdinalIgnoreCase);
        var wildcards = new Dictionary<string, (ServedCertificate, int)>(StringComparer.OrdinalIgnoreCase);
        ServedCertificate? any = null;

        // The newest first: what was obtained last was meant to take the place of the others, whichever lasts longer.
        foreach (var certificate in certificates.OrderByDescending(certificate => certificate.Obtained).ThenByDescending(certificate => certificate.NotAfter))
        {
            any ??= certificate;
            var rank = Rank(certificate, now);
            foreach (var name in certificate.Names)
            {
                var (table, key) = name.StartsWith("*.", StringComparison.Ordinal) ? (wildcards, name[2..]) : (exact, name);
                if (!table.TryGetValue(key, out var held) || rank > held.Item2)
                {
                    table[key] = (certificate, rank);
                }
            }
        }

        var set = new CertificateSet(exact, wildcards, null);
        return new CertificateSet(exact, wildcards, set.Find(defaultName) ?? any);
    }

    /// <summary>
    /// The certificate that covers a host: one with exactly its name, else the wildcard one level up. A wildcard
    /// stands for exactly one label (RFC 9525 §6.3).
    /// </summary>
    public ServedCertificate? Find(ReadOnlySpan<char> host)
    {
        host = host.TrimEnd('.');
        var found = _exact.TryGetValue(host, out var exact) ? exact : default;
        var dot = host.IndexOf('.');
        return dot > 0 && _wildcards.TryGetValue(host[(dot + 1)..], out var wildcard) && wildcard.Rank > found.Rank
            ? wildcard.Certificate
            : found.Certificate;
    }

    // A public certificate is trusted by everybody, ours only by who installed the root; an expired one by nobody.
    private static int Rank(ServedCertificate certificate, DateTimeOffset now) =>
        (certificate.HasExpired(now) ? 1 : 3) + (certificate.Id.IsInternal ? 0 : 1);
}
