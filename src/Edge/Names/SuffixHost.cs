using System.Net;
using Edge.Dns.Wire;

namespace Edge.Names;

/// <summary>A host whose IPv6 address is the prefix of this home and an end of its own.</summary>
/// <param name="Key">As edge.yaml has it: "nas".</param>
/// <param name="Owner">The name: "nas.example.com".</param>
/// <param name="Suffix">The end: "::1234".</param>
/// <param name="IsForAll">It is answered in every view, not only in the LAN.</param>
internal sealed record SuffixHost(string Key, Name Owner, IPAddress Suffix, bool IsForAll);
