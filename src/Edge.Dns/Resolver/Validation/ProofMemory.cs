using System.Collections.Concurrent;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// Verified records of denial by zone, up to a number of them, so that a name in a gap that is known needs no question
/// (RFC 8198): neither the mistyped nor the random names of a flood reach the zone's servers.
/// </summary>
internal sealed class ProofMemory(int most, TimeProvider time)
{
    private readonly ConcurrentDictionary<Name, ZoneProofs> _zones = new();
    private readonly Lock _clearing = new();

    /// <summary>Proofs that are kept.</summary>
    public int Count => _zones.Values.Sum(zone => zone.Count);

    /// <summary>Keeps what a denial of a zone has brought.</summary>
    public void Keep(Name zone, SignedSet apex, List<SignedSet> sets, TimeSpan lifetime)
    {
        if (lifetime > TimeSpan.Zero)
        {
            _zones.GetOrAdd(zone, name => new ZoneProofs(name, time)).Keep(apex, sets, lifetime);
            Clear();
        }
    }

    /// <summary>The answer that follows for a question; null when none does.</summary>
    /// <param name="key">The question.</param>
    /// <param name="anchor">The zone of the trust anchor that holds for it: proofs from above do not count.</param>
    public Message? Answer(QuestionKey key, Name anchor)
    {
        if (key.Type is RecordType.ANY or RecordType.RRSIG)
        {
            return null;
        }

        // Whatever a zone says about names below a zone of its own is not asked: the nearest zone known decides.
        for (var zone = key.Type == RecordType.DS ? key.Name.Parent : key.Name; zone is not null && zone.IsAtOrBelow(anchor); zone = zone.Parent)
        {
            if (_zones.TryGetValue(zone, out var proofs))
            {
                return proofs.Answer(key);
            }
        }

        return null;
    }

    private void Clear()
    {
        lock (_clearing)
        {
            var count = Count;
            if (count <= most)
            {
                return;
            }

            foreach (var (name, zone) in _zones)
            {
                if (zone.RemoveExpired())
                {
                    _zones.TryRemove(name, out _);
                }
            }

            // Still too many: whole zones go until there is room again; they are learned anew.
            foreach (var (name, zone) in _zones)
            {
                if (Count <= most * 3 / 4)
                {
                    return;
                }

                _zones.TryRemove(name, out _);
            }
        }
    }
}
