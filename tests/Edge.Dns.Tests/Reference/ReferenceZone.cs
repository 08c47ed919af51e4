namespace Edge.Dns.Tests.Reference;

/// <summary>A zone as a list of lines, and the questions RFC 1034 §4.3.2 asks of it, each answered by looking through all of them.</summary>
internal sealed class ReferenceZone(string origin, IReadOnlyCollection<RecordLine> lines)
{
    public string Origin { get; } = origin;

    public IReadOnlyCollection<RecordLine> Lines { get; } = lines;

    /// <summary>RFC 4592 §2.2.2: a name exists when it or anything below it has records.</summary>
    public bool Exists(string name) => name == Origin || Lines.Any(line => IsAtOrBelow(line.Owner, name));

    public bool Has(string name, string type) => Lines.Any(line => line.Owner == name && line.Type == type);

    /// <summary>RFC 1034 §4.2.1: NS anywhere but at the apex. At a wildcard it means nothing (RFC 4592 §4.2).</summary>
    public bool IsCut(string name) => name != Origin && !name.StartsWith("*.", StringComparison.Ordinal) && Has(name, "ns");

    /// <summary>Whether a cut lies at the name or above it.</summary>
    public bool IsHandedAway(string name) => Lines.Any(line => line.Type == "ns" && IsCut(line.Owner) && IsAtOrBelow(name, line.Owner));

    /// <summary>An RRset as an answer has it: one TTL, the smallest (RFC 2181 §5.2), under the name asked for (RFC 4592 §3.3.1).</summary>
    public IEnumerable<string> RRset(string owner, string type, string shownAs)
    {
        var set = Lines.Where(line => line.Owner == owner && line.Type == type).ToList();
        return set.Select(line => (line with { Owner = shownAs, Ttl = set.Min(one => one.Ttl) }).ToString());
    }

    /// <summary>The SOA of a negative answer (RFC 2308 §3).</summary>
    public string NegativeSoa()
    {
        var soa = Lines.Single(line => line.Owner == Origin && line.Type == "soa");
        var minimum = uint.Parse(soa.Data.Split(' ')[^1], System.Globalization.CultureInfo.InvariantCulture);
        return (soa with { Ttl = Math.Min(soa.Ttl, minimum) }).ToString();
    }

    public static bool IsAtOrBelow(string name, string ancestor) =>
        ancestor == "." || name == ancestor || name.EndsWith("." + ancestor, StringComparison.Ordinal);
}
