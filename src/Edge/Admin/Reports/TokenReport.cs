using System.Collections.Immutable;

namespace Edge.Admin.Reports;

/// <summary>One token without its secret.</summary>
internal sealed record TokenReport(string Name, ImmutableArray<string> Hosts, ImmutableArray<string> Services, bool Admin, DateTimeOffset Created, DateTimeOffset? Expires, DateTimeOffset? Revoked)
{
    /// <summary>The ports that it may have opened.</summary>
    public ImmutableArray<string> Ports { get; init; } = [];

    /// <summary>"lan" or "everywhere".</summary>
    public string Expose { get; init; } = "everywhere";

    /// <summary>It has a key for updates of DNS.</summary>
    public bool Tsig { get; init; }

    /// <summary>How long an address stays that it sent and did not send again; null for always.</summary>
    public long? LeaseSeconds { get; init; }
}
