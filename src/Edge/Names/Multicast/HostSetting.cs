using Edge.Dns.Wire;

namespace Edge.Names.Multicast;

/// <summary>A name of the LAN whose addresses are those of a host that says them by mDNS.</summary>
/// <param name="Key">As edge.yaml has it: "nas".</param>
/// <param name="Owner">The name: "nas.example.com".</param>
/// <param name="Local">The host: "nas.local".</param>
internal sealed record HostSetting(string Key, Name Owner, Name Local);
