using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Names;

/// <summary>Where the gateway of this box is for the clients of one view.</summary>
internal sealed record ViewAddresses(string View, ImmutableArray<IPAddress> Addresses)
{
    public bool Equals(ViewAddresses? other) => other is not null && View == other.View && Addresses.SequenceEqual(other.Addresses);

    public override int GetHashCode() => HashCode.Combine(View, Addresses.Length);

    /// <summary>
    /// The addresses that edge.yaml names, each suffix under the prefix of this home, and those found where it says "auto": for "lan", or
    /// when it is given none, those of this machine, for the others those at which the internet reaches it.
    /// </summary>
    public static ImmutableArray<ViewAddresses> Resolve(ImmutableArray<ViewOptions> views, Func<ImmutableArray<IPAddress>> machine, ImmutableArray<IPAddress> outside, Func<ImmutableArray<IPNetwork>> prefixes) =>
        [.. views.Select(view => new ViewAddresses(view.Name, view switch
        {
            { Name: ViewOptions.Lan } and ({ FindsAddresses: true } or { Addresses.Length: 0 }) => [.. Whole(view.Addresses, prefixes).Union(machine())],
            { FindsAddresses: true } => [.. Whole(view.Addresses, prefixes).Union(outside)],
            _ => Whole(view.Addresses, prefixes),
        }))];

    private static ImmutableArray<IPAddress> Whole(ImmutableArray<IPAddress> addresses, Func<ImmutableArray<IPNetwork>> prefixes) =>
        addresses.Any(AddressSuffix.IsOne)
            ? [.. addresses.SelectMany(address => AddressSuffix.IsOne(address) ? prefixes().Select(prefix => AddressSuffix.Under(prefix, address)) : [address])]
            : addresses;
}
