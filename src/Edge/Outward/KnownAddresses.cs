using System.Collections.Immutable;
using System.Net;

namespace Edge.Outward;

/// <summary>
/// The addresses of this box as they are known now. That one is not known for a while, as after a start or while the router is
/// away, does not mean that there is none: what was sent stays meanwhile.
/// </summary>
internal sealed class KnownAddresses(Func<ImmutableArray<IPAddress>> read, TimeProvider time)
{
    /// <summary>After that time, a family that nobody knows an address of is gone.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly long _start = time.GetTimestamp();
    private volatile Seen? _seen;

    /// <summary>What is known.</summary>
    public PushedAddresses Current => (_seen ?? Look()).Addresses;

    /// <summary>It was the same at the last two looks: addresses often come one after the other.</summary>
    public bool IsSettled { get; private set; }

    /// <summary>Looks again.</summary>
    public Seen Look()
    {
        var (now, addresses, before) = (time.GetTimestamp(), PushedAddresses.Of(read()), _seen);
        IsSettled = before?.Addresses == addresses;
        return _seen = new Seen(addresses, addresses.IPv4 is null ? before?.IPv4 ?? _start : now, addresses.IPv6 is null ? before?.IPv6 ?? _start : now);
    }

    /// <summary>What a name is to have that has something already.</summary>
    public PushedAddresses With(PushedAddresses? sent)
    {
        var seen = _seen ?? Look();
        return new PushedAddresses(
            seen.Addresses.IPv4 ?? (time.GetElapsedTime(seen.IPv4) < Patience ? sent?.IPv4 : null),
            seen.Addresses.IPv6 ?? (time.GetElapsedTime(seen.IPv6) < Patience ? sent?.IPv6 : null));
    }

    /// <summary>What was known at a look.</summary>
    /// <param name="Addresses">The addresses.</param>
    /// <param name="IPv4">When there was an IPv4 address last, by a clock that nobody sets.</param>
    /// <param name="IPv6">When there was an IPv6 address last.</param>
    internal sealed record Seen(PushedAddresses Addresses, long IPv4, long IPv6);
}
