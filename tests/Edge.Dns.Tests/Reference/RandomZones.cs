using System.Globalization;

namespace Edge.Dns.Tests.Reference;

/// <summary>
/// Small zones by chance, out of so few labels that wildcards, empty non-terminals, cuts, redirections and aliases meet
/// everywhere. They break no rule a zone file is checked for.
/// </summary>
internal sealed class RandomZones(Random random, params string[] origins)
{
    public static readonly string[] Origins = ["example.", "b.example.", "a.b.example.", "net."];
    public static readonly string[] QueryTypes = ["a", "aaaa", "txt", "mx", "ns", "soa", "cname", "dname", "ds", "srv", "any", "type65280", "rrsig", "nsec"];

    private static readonly string[] Labels = ["a", "b", "c", "*", "_d", new('l', 63)];
    private static readonly string[] DataTypes = ["a", "a", "aaaa", "txt", "txt", "mx", "srv", "type65280", "cname", "cname", "dname", "ns", "ns", "ds"];

    /// <summary>Some of the origins, each with its records.</summary>
    public List<ReferenceZone> Make()
    {
        var zones = new List<ReferenceZone>();
        foreach (var origin in Origins.Where(origin => origin == "example." || random.Next(2) == 0))
        {
            zones.Add(Make(origin, random.Next(3, 30)));
        }

        return zones;
    }

    public ReferenceZone Make(string origin, int count)
    {
        var lines = new List<RecordLine> { Soa(origin, 1), new(origin, 300, "ns", NameIn(origin)) };
        for (var i = 0; i < count; i++)
        {
            if (Record(origin) is var line && MayJoin(origin, lines, line))
            {
                lines.Add(line);
            }
        }

        return new ReferenceZone(origin, lines);
    }

    public RecordLine Soa(string origin, uint serial) =>
        new(origin, (uint)random.Next(1, 900), "soa", string.Create(CultureInfo.InvariantCulture, $"ns.{origin} host.{origin} {serial} 7200 900 1209600 {random.Next(1, 900)}"));

    public RecordLine Record(string origin)
    {
        var type = Any(DataTypes);
        return new RecordLine(NameIn(origin), (uint)random.Next(0, 4) * 100, type, Data(type));
    }

    public string Data(string type)
    {
        var number = random.Next(1, 9).ToString(CultureInfo.InvariantCulture);
        return type switch
        {
            "a" => $"192.0.2.{number}",
            "aaaa" => $"2001:db8::{number}",
            "txt" => $"\"text {number}\"",
            "mx" => $"{number} {AnyName()}",
            "srv" => $"0 {number} 80 {AnyName()}",
            "type65280" => $"\\# 2 0a0{number}",
            "ds" => $"{number} 13 2 {new string('5', 64)}",
            _ => AnyName(),
        };
    }

    /// <summary>A name of any zone, by default of <see cref="Origins"/>, whether it is served or not, and now and then one of nobody's.</summary>
    public string AnyName() => random.Next(12) == 0 ? "outside.org." : NameIn(Any(origins.Length > 0 ? origins : Origins));

    /// <summary>The same name in other letters (RFC 4343).</summary>
    public string Recased(string name) => string.Concat(name.Select(letter => random.Next(3) == 0 ? char.ToUpperInvariant(letter) : letter));

    /// <summary>A name at or below an origin, at most four labels below.</summary>
    public string NameIn(string origin)
    {
        var name = origin;
        for (var labels = random.Next(5); labels > 0; labels--)
        {
            // The long label is rare: enough for a name that becomes too long (RFC 6672 §2.2).
            name = Labels[random.Next(random.Next(4) == 0 ? Labels.Length : Labels.Length - 1)] + "." + name;
        }

        return name.Length + 1 > 255 ? NameIn(origin) : name;
    }

    /// <summary>A name near what a zone has: owners, what their data names, names above and below.</summary>
    public string NameNear(ReferenceZone zone)
    {
        var line = Any([.. zone.Lines]);
        var parent = line.Owner[(line.Owner.IndexOf('.', StringComparison.Ordinal) + 1)..];
        return Any<Func<string>>([
            () => line.Owner,
            () => line.Target ?? line.Owner,
            () => NameIn(line.Owner),
            AnyName,
            () => parent.Length > 0 ? parent : line.Owner,
        ])();
    }

    public T Any<T>(IReadOnlyList<T> list) => list[random.Next(list.Count)];

    /// <summary>The rules of a zone file that one more record could break.</summary>
    public static bool MayJoin(string origin, IReadOnlyCollection<RecordLine> lines, RecordLine line)
    {
        var here = lines.Where(other => other.Owner == line.Owner).ToList();
        var wildcard = line.Owner.StartsWith("*.", StringComparison.Ordinal);
        bool Has(string type) => here.Exists(other => other.Type == type);
        return !Has("cname")
            && !lines.Any(other => other.Type == "dname" && IsBelow(line.Owner, other.Owner))
            && !here.Exists(other => other.Type == line.Type && other.Data == line.Data)
            && line.Type switch
            {
                "cname" => here.Count == 0,
                "dname" => !wildcard && !Has("dname") && (line.Owner == origin || !Has("ns"))
                    && !lines.Any(other => IsBelow(other.Owner, line.Owner) || (other.Type == "ns" && other.Owner != origin && IsBelow(line.Owner, other.Owner))),
                "ns" => !wildcard && (line.Owner == origin || !Has("dname")) && !lines.Any(other => other.Type == "dname" && IsBelow(other.Owner, line.Owner)),
                "ds" => line.Owner != origin && Has("ns"),
                "soa" => line.Owner == origin && !Has("soa"),
                _ => true,
            };
    }

    private static bool IsBelow(string name, string ancestor) => name != ancestor && ReferenceZone.IsAtOrBelow(name, ancestor);
}
