namespace Edge.Dns.Nameserver;

/// <summary>What the options of a query say about who asks, and how the answer is to look.</summary>
/// <param name="Cookie">Whether its address is proved.</param>
/// <param name="Subnet">For whom it asks, if it is one that is believed; null otherwise.</param>
/// <param name="PadsAnswer">Whether the answer is filled up so that its length tells nothing.</param>
internal readonly record struct ClientStanding(CookieState Cookie, ClientSubnet? Subnet, bool PadsAnswer);
