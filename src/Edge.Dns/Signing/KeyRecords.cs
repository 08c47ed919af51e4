using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>The records at a signed zone's apex that speak of its keys.</summary>
internal static class KeyRecords
{
    private static readonly RecordSource Source = new("zone keys (dnssec)");

    /// <summary>
    /// DNSKEY for every key, CDS and CDNSKEY for each that the parent shall name (RFC 7344 §4): always, since a parent may
    /// come to look at any time, for the first time as well (RFC 8078 §3). The same in every view.
    /// </summary>
    public static IEnumerable<OverlayRecord> Of(ZoneKeySet keys)
    {
        foreach (var key in keys.Keys)
        {
            yield return Record(RecordType.DNSKEY, key.Key.Dnskey);
            if (key.Announced)
            {
                yield return Record(RecordType.CDS, key.Key.DelegationSigner());
                yield return Record(RecordType.CDNSKEY, key.Key.Dnskey);
            }
        }

        OverlayRecord Record(RecordType type, RData data) =>
            new(null, new ResourceRecord(keys.Origin, type, KeyFolder.DnskeyTtl, data, Source), OverlayMode.Add);
    }
}
