using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Certificates;

/// <summary>What this room asks the name server: which names are ours, and whether a challenge is really answered.</summary>
/// <param name="current">The zones of the moment; null while the engine does not serve yet.</param>
internal sealed class OwnZones(Func<ZoneSet?> current)
{
    /// <summary>The zones of the moment; null while the engine does not serve yet.</summary>
    public ZoneSet? Current => current();

    /// <summary>Whether our server answers for the host itself, so that it can answer a CA's challenge for it; not below a delegation or a DNAME.</summary>
    /// <param name="host">Lower case, no trailing dot.</param>
    public bool IsOurs(string host) => Name.TryParse(host, Name.Root, out var name, out _) && Holds(name);

    /// <summary>Whether our server answers for the name in some view.</summary>
    public bool Holds(Name name) => Look(name, RecordType.TXT).Any(found => found.Kind is not (LookupKind.Delegation or LookupKind.Dname));

    /// <summary>The zone that holds a name, in some view; null when none does.</summary>
    public Name? OriginOf(Name name) => current() is { } zones ? Enumerable.Range(0, zones.Views.Length).Select(view => zones.Find(view, name.Wire)?.Origin).FirstOrDefault(origin => origin is not null) : null;

    /// <summary>Where an alias at exactly this name leads, as the view shows it that strangers are in: the last one.</summary>
    public Name? AliasOf(Name name) =>
        Look(name, RecordType.TXT).LastOrDefault() is { Kind: LookupKind.Cname, FromWildcard: false } found ? Name.FromWire(found.RRsets[0].Data[0].Wire) : null;

    /// <summary>Asks our own zones for the record in every view, as a CA will ask our server.</summary>
    /// <returns>Null when each answers it; else what is wrong, for a person.</returns>
    public string? WhyNotServed(ChallengeRecord record)
    {
        if (current() is not { } zones)
        {
            return "the name server does not serve yet";
        }

        for (var view = 0; view < zones.Views.Length; view++)
        {
            if (zones.Find(view, record.Owner.Wire) is not { } zone)
            {
                return $"no zone of the view \"{zones.Views[view]}\" holds {record.Owner}";
            }

            var found = zone.Explain(record.Owner, RecordType.TXT);
            if (found.Kind is LookupKind.Cname or LookupKind.Dname or LookupKind.Delegation)
            {
                return $"{record.Owner} leads elsewhere ({found.Kind} at {found.Owner}, view \"{zones.Views[view]}\"): remove that, or let the server it leads to answer the challenge";
            }

            if (!found.RRsets.Any(set => set.Type == RecordType.TXT && set.Data.Contains(RData.Text(record.Text))))
            {
                return $"our own name server does not answer the TXT record at {record.Owner} in the view \"{zones.Views[view]}\"";
            }
        }

        return null;
    }

    /// <summary>What each view that has a zone for the name says about it.</summary>
    public IEnumerable<ZoneExplanation> Look(Name name, RecordType type) =>
        current() is { } zones
            ? Enumerable.Range(0, zones.Views.Length).Select(view => zones.Find(view, name.Wire)).OfType<Zone>().Select(zone => zone.Explain(name, type))
            : [];
}
