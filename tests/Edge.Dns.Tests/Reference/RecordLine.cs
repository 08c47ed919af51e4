using System.Globalization;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Tests.Reference;

/// <summary>One record as plain text, all of it in lower case: what the reference reckons with instead of the engine's own types.</summary>
internal sealed record RecordLine(string Owner, uint Ttl, string Type, string Data)
{
    /// <summary>The name that the data leads to; null for types whose data names none.</summary>
    public string? Target => Type is "ns" or "cname" or "dname" or "mx" or "srv" ? Data[(Data.LastIndexOf(' ') + 1)..] : null;

    /// <summary>Reads "owner ttl IN type data".</summary>
    public static RecordLine Parse(string line)
    {
        var words = line.ToLowerInvariant().Split(' ', 5);
        return new RecordLine(words[0], uint.Parse(words[1], CultureInfo.InvariantCulture), words[3], words[4]);
    }

    public static RecordLine Of(ResourceRecord record) => Parse(RecordText.Format(record));

    public ResourceRecord ToRecord() => RecordText.Parse(ToString());

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Owner} {Ttl} IN {Type} {Data}");
}
