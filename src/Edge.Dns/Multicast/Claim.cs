using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A unique name on one link, on its way to being ours there.</summary>
internal sealed class Claim(UniqueName name, PublishedService service)
{
    private const int Probes = 3;
    private const int Announcements = 2;

    private static readonly TimeSpan BetweenProbes = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenAnnouncements = TimeSpan.FromSeconds(1);

    private int _sent;

    public UniqueName Name => name;

    public PublishedService Service { get; private set; } = service;

    /// <summary>The name when probing for it began.</summary>
    public Name Owner { get; private set; } = name.Current;

    public ClaimPhase Phase { get; private set; }

    /// <summary>When the next probe or announcement is due.</summary>
    public TimeSpan Due { get; private set; }

    public ImmutableArray<MulticastRecord> Unique { get; private set; } = [];

    public ImmutableArray<MulticastRecord> Shared { get; private set; } = [];

    /// <summary>All that is said of it.</summary>
    public IEnumerable<MulticastRecord> Records => Unique.Concat(Shared);

    public bool IsAnswered => Phase != ClaimPhase.Probing;

    /// <summary>Whether others can have heard that we want it, or have it: who objects before that objects to nothing (RFC 6762 §8.1).</summary>
    public bool IsKnown => IsAnswered || _sent > 0;

    /// <summary>Whether this probe is the first: only that one asks for answers to us alone.</summary>
    public bool IsFirstProbe => _sent == 0;

    /// <summary>Takes what is to be said now; true when it is something else.</summary>
    public bool Use(PublishedService service, ImmutableArray<MulticastRecord> unique)
    {
        var shared = service.Shared(name);
        var isOther = !unique.SequenceEqual(Unique) || !shared.SequenceEqual(Shared);
        (Service, Unique, Shared) = (service, unique, shared);
        return isOther;
    }

    public void Probe(TimeSpan from) => (Owner, Phase, Due, _sent) = (name.Current, ClaimPhase.Probing, from, 0);

    /// <summary>Another that probes goes on, and we try again after him (RFC 6762 §8.2); a pause that is longer stays.</summary>
    public void GiveWay(TimeSpan from) => Probe(from > Due ? from : Due);

    public void Announce(TimeSpan from)
    {
        if (Phase != ClaimPhase.Probing)
        {
            (Phase, Due, _sent) = (ClaimPhase.Announcing, from, 0);
        }
    }

    /// <summary>After a probe or an announcement was sent, or before the first of them: what comes next.</summary>
    public void Advance(TimeSpan now)
    {
        _sent++;
        if (Phase == ClaimPhase.Probing)
        {
            Due = now + BetweenProbes;
        }
        else if (_sent >= Announcements)
        {
            (Phase, Due) = (ClaimPhase.Established, TimeSpan.MaxValue);
        }
        else
        {
            Due = now + BetweenAnnouncements;
        }
    }

    /// <summary>Nobody has objected: the name is ours; true when that is so now.</summary>
    public bool TryEnd(TimeSpan now)
    {
        if (Phase != ClaimPhase.Probing || _sent < Probes)
        {
            return false;
        }

        (Phase, Due, _sent) = (ClaimPhase.Announcing, now, 0);
        return true;
    }
}
