using System.Net;
using Edge.Dns.Snapshots;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.DynamicDns;

/// <summary>
/// The addresses as records. Who declares a name in a zone file or a service keeps it, in each view: where a view has no
/// other, these are answered.
/// </summary>
/// <param name="lanView">The view of addresses that are not for everybody.</param>
internal sealed class DynamicRecords(string lanView) : IZoneSource
{
    /// <summary>Seconds: an address that has changed is not to be remembered longer.</summary>
    public const uint Ttl = 60;

    private const string Origin = "dynamic address of token ";

    private ShardedMap<Name, OverlayRecord[]> _made = new();
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    public event Action? Changed;

    public string Name => "dynamic";

    public ZoneContribution Current => _current;

    /// <summary>Whether a record is one of these.</summary>
    public static bool IsOne(ResourceRecord record) => record.Source.Where?.StartsWith(Origin, StringComparison.Ordinal) == true;

    /// <summary>The records that are kept at a name, whether they are answered or not.</summary>
    public IEnumerable<ResourceRecord> At(Name owner) => (_made.Find(owner) ?? []).Select(one => one.Record);

    /// <summary>Puts names in the place of what they were; when the call returns, queries see them. One call at a time.</summary>
    /// <param name="changed">The names, and what they are now; null for nothing.</param>
    public void Publish(IEnumerable<KeyValuePair<string, DynamicAddress?>> changed)
    {
        var made = _made.Edit();
        foreach (var (host, address) in changed)
        {
            var owner = Dns.Wire.Name.Parse(host);
            made.Set(owner, address is null or { IPv4: null, IPv6: null } ? null : [.. Records(owner, address)]);
            if (RecordReader.ChallengeName(owner) is { } challenge)
            {
                made.Set(challenge, address?.Challenges is null ? null : [.. Challenges(challenge, address)]);
            }
        }

        _made = made.ToMap();
        _current = new ZoneContribution([], []) { ByOwner = _made };
        Changed?.Invoke();
    }

    private IEnumerable<OverlayRecord> Challenges(Name owner, DynamicAddress address) => address.Challenges!.Split(' ')
        .Select(data => new ResourceRecord(owner, RecordType.TXT, Ttl, new RData(Convert.FromBase64String(data)), new RecordSource(Origin + address.Token)))
        .Select(record => new OverlayRecord(address.IsForLanOnly ? lanView : null, record, OverlayMode.Spare));

    private IEnumerable<OverlayRecord> Records(Name owner, DynamicAddress address)
    {
        var source = new RecordSource(Origin + address.Token);
        foreach (var text in (string?[])[address.IPv4, address.IPv6])
        {
            if (text is not null)
            {
                var type = text == address.IPv4 ? RecordType.A : RecordType.AAAA;
                yield return new OverlayRecord(address.IsForLanOnly ? lanView : null, new ResourceRecord(owner, type, Ttl, RData.Address(IPAddress.Parse(text)), source), OverlayMode.Spare);
            }
        }
    }
}
