using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>What this Edge serves and where, and everything that is wrong at the moment.</summary>
internal sealed record StatusReport(
    string Version,
    string Node,
    ImmutableArray<string> Dns,
    ImmutableArray<string> Http,
    ImmutableArray<string> Https,
    ImmutableArray<string> Admin,
    int Zones,
    int Services,
    int Certificates,
    ImmutableArray<UpstreamReport> Upstreams,
    DnsLoadReport DnsLoad,
    ImmutableArray<string> Problems);
