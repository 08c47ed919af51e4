namespace Edge.DynamicDns;

/// <summary>A name with the addresses that its client sent, as the store keeps it.</summary>
/// <param name="Host">The name, lower case, without a trailing dot.</param>
/// <param name="Token">Whose it is: the name of the token it was first sent with.</param>
/// <param name="IPv4">Its IPv4 address; null for none.</param>
/// <param name="IPv6">Its IPv6 address; null for none.</param>
/// <param name="IsForLanOnly">It is answered in the view "lan" only.</param>
/// <param name="Changed">When one of these was another.</param>
internal sealed record DynamicAddress(string Host, string Token, string? IPv4, string? IPv6, bool IsForLanOnly, DateTimeOffset Changed);
