using Edge.Dns.Wire;

namespace Edge.Dns.Zones.Aliases;

/// <summary>An ALIAS record in effect in one view: its owner has the addresses that the target has.</summary>
/// <param name="View">The view.</param>
/// <param name="Zone">The apex of the zone it is in.</param>
/// <param name="Owner">The name that gets addresses.</param>
/// <param name="Target">The name whose addresses they are.</param>
/// <param name="Ttl">Seconds: the longest time to live that the addresses get.</param>
/// <param name="Source">Where the record stands.</param>
public sealed record ZoneAlias(string View, Name Zone, Name Owner, Name Target, uint Ttl, RecordSource Source);
