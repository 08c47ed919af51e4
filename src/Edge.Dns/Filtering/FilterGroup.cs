using System.Collections.Immutable;

namespace Edge.Dns.Filtering;

/// <summary>Clients for whom the same holds at this moment.</summary>
/// <param name="Name">What it is called; empty for everybody who is in no other.</param>
/// <param name="Clients">Its networks; of two that hold a client, the more specific one counts.</param>
/// <param name="Sources">The sources that count for it now, as numbers of the policy.</param>
/// <param name="BlocksAll">Whether nothing but what is allowed in the settings may be asked now.</param>
public sealed record FilterGroup(string Name, ImmutableArray<ClientNetwork> Clients, ImmutableArray<int> Sources, bool BlocksAll = false);
