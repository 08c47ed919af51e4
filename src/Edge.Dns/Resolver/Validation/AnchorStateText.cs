using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// The file that keeps the state of trust points: for each zone the digest of the anchors that its keys descend from, and a
/// line for each key, its state, since when, its zone and its DNSKEY.
/// </summary>
internal static class AnchorStateText
{
    private const string OriginWord = "anchors";
    private const string Head = "; The keys of trust anchors as they are exchanged (RFC 5011). Edge writes this file; without it, it begins anew with the anchors of the settings.\n";

    public static string Write(IEnumerable<TrackedPoint> points)
    {
        var text = new StringBuilder(Head);
        foreach (var point in points.Where(point => !point.Keys.IsEmpty))
        {
            text.Append(CultureInfo.InvariantCulture, $"{OriginWord} {point.Given.Zone} {point.Given.Digest()}\n");
            foreach (var key in point.Keys)
            {
                text.Append(CultureInfo.InvariantCulture, $"{Word(key.State)} {key.Since.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ} {point.Given.Zone} DNSKEY {RecordText.FormatData(RecordType.DNSKEY, key.Data)}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>Reads what is said of each zone.</summary>
    /// <exception cref="FormatException">The text is no such file; the message says where.</exception>
    public static Dictionary<Name, RememberedPoint> Read(string text)
    {
        var origins = new Dictionary<Name, string>();
        var found = new List<(Name Zone, AnchorKey Key)>();
        foreach (var (line, number) in text.Split('\n').Select(static (line, index) => (line.Trim(), index + 1)))
        {
            if (line.Length == 0 || line[0] == ';')
            {
                continue;
            }

            if (line.Split(' ') is [OriginWord, var name, var digest] && Name.TryParse(name, Name.Root, out var owner, out _))
            {
                origins[owner] = digest;
                continue;
            }

            found.Add(TryRead(line, out var zone, out var key) ? (zone!, key!) : throw new FormatException($"line {number} is not \"STATE TIME ZONE DNSKEY …\""));
        }

        return found.GroupBy(one => one.Zone)
            .ToDictionary(zone => zone.Key, zone => new RememberedPoint(origins.GetValueOrDefault(zone.Key, ""), [.. zone.Select(one => one.Key)]));
    }

    private static bool TryRead(string line, out Name? zone, out AnchorKey? key)
    {
        (zone, key) = (null, null);
        var words = line.Split(' ', 5);
        if (words is not [var word, var time, var name, "DNSKEY", var data]
            || !Enum.GetValues<AnchorKeyState>().Any(state => Word(state) == word)
            || !DateTimeOffset.TryParseExact(time, "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            || !Name.TryParse(name, Name.Root, out zone, out _)
            || !RecordText.TryParseData(RecordType.DNSKEY, data, Name.Root, out var wire, out _))
        {
            return false;
        }

        key = new AnchorKey(wire, Enum.GetValues<AnchorKeyState>().First(state => Word(state) == word), since);
        return true;
    }

    private static string Word(AnchorKeyState state) => state switch
    {
        AnchorKeyState.AddPend => "pending",
        AnchorKeyState.Valid => "valid",
        AnchorKeyState.Missing => "missing",
        AnchorKeyState.Revoked => "revoked",
        _ => "removed",
    };
}
