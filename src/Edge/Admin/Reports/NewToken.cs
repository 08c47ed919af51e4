using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Edge.Admin.Reports;

/// <summary>What is asked for when a token is made.</summary>
/// <param name="Name">A word by which its owner knows it.</param>
/// <param name="Hosts">Host patterns it may register; empty means every host below this box's name.</param>
/// <param name="Services">Service names it may register, such as web-*; empty means all.</param>
/// <param name="ExpiresInSeconds">Its life; null for a token that stays.</param>
/// <param name="Admin">Whether it may do everything.</param>
/// <param name="Ports">Ports that it may have opened for services that are not HTTP, such as 2222 or 30000-30100; empty means none.</param>
/// <param name="Expose">"lan": it may register services for the LAN only; "everywhere", or nothing, for all.</param>
/// <param name="Tsig">Whether it gets a key for updates of DNS as well.</param>
/// <param name="LeaseSeconds">How long an address stays that it sent and did not send again; null for always.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record NewToken(string Name, ImmutableArray<string> Hosts, ImmutableArray<string> Services, long? ExpiresInSeconds, bool Admin, string? Expose = null, bool Tsig = false, long? LeaseSeconds = null, ImmutableArray<string> Ports = default);
