using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Certificates;

/// <summary>
/// The TXT records of the dns-01 challenges that run now, laid over our own zones in every view (RFC 8555 §8.4).
/// Several may stand at one name: a name and its wildcard share it.
/// </summary>
internal sealed class ChallengeRecords : IZoneSource
{
    // A CA asks each time anew; whoever else looks must not remember the last attempt's answer.
    private const uint Ttl = 1;

    private static readonly RecordSource Origin = new("ACME challenge");

    private readonly Lock _gate = new();
    private ImmutableList<ChallengeRecord> _records = [];
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    public string Name => "challenges";

    public ZoneContribution Current => _current;

    public event Action? Changed;

    /// <summary>Where the challenge for a name is answered: "*.nas.example.com" and "nas.example.com" at the same place.</summary>
    public static Name OwnerOf(string name) => Dns.Wire.Name.Parse(name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name).Prepend("_acme-challenge");

    /// <summary>Publishes records together; when the call returns, queries see them. Disposing takes exactly these away again.</summary>
    public IDisposable Present(IEnumerable<ChallengeRecord> records)
    {
        // New objects: two orders may hold equal records, and each takes away its own.
        var mine = records.Select(record => new ChallengeRecord(record.Owner, record.Text)).ToArray();
        Replace(all => all.AddRange(mine));
        return new Presented(() => Replace(all => all.RemoveAll(record => Array.Exists(mine, own => ReferenceEquals(own, record)))));
    }

    private void Replace(Func<ImmutableList<ChallengeRecord>, ImmutableList<ChallengeRecord>> change)
    {
        lock (_gate)
        {
            _records = change(_records);
            _current = new ZoneContribution([], [.. _records.Distinct().Select(record =>
                new OverlayRecord(null, new ResourceRecord(record.Owner, RecordType.TXT, Ttl, RData.Text(record.Text), Origin), OverlayMode.Add))]);
        }

        Changed?.Invoke();
    }

    private sealed class Presented(Action withdraw) : IDisposable
    {
        private Action? _withdraw = withdraw;

        public void Dispose() => Interlocked.Exchange(ref _withdraw, null)?.Invoke();
    }
}
