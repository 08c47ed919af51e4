using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.AcmeDns;

/// <summary>The answers of all registrations as TXT records, in every view: CAs ask from anywhere.</summary>
internal sealed class AcmeDnsRecords : IZoneSource
{
    // Whoever looks again wants the next answer and not this one.
    private const uint Ttl = 1;

    private static readonly RecordSource Origin = new("acme-dns");

    private volatile ZoneContribution _current = ZoneContribution.Empty;

    public event Action? Changed;

    public string Name => "acme-dns";

    public ZoneContribution Current => _current;

    /// <summary>When the call returns, queries see them.</summary>
    public void Publish(Name domain, IEnumerable<AcmeDnsAccount> accounts)
    {
        _current = new ZoneContribution([],
        [
            .. from account in accounts
               where !account.Texts.IsEmpty
               let owner = domain.Prepend(account.Subdomain)
               from text in account.Texts
               select new OverlayRecord(null, new ResourceRecord(owner, RecordType.TXT, Ttl, RData.Text(text), Origin), OverlayMode.Add),
        ]);
        Changed?.Invoke();
    }
}
