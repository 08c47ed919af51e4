using System.Collections.Immutable;
using Edge.Dns.Snapshots;

namespace Edge.Certificates;

/// <summary>All certificates needed at one moment.</summary>
/// <param name="Certificates">Each host is covered by one of them.</param>
/// <param name="Hosts">The hosts they are for, the box's own among them, each by its name in any case.</param>
/// <param name="Default">The name of this box: its certificate is shown to who asks for no host of ours.</param>
internal sealed record CertificatePlan(ImmutableArray<WantedCertificate> Certificates, ShardedMap<string, string> Hosts, string Default);
