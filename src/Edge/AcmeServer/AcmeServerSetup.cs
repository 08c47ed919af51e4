using System.Collections.Immutable;
using System.Net;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.AcmeServer;

/// <summary>What the ACME server needs from the rest of the program.</summary>
internal sealed record AcmeServerSetup
{
    public required AcmeServerOptions Options { get; init; }

    /// <summary>This box: lower case, no trailing dot.</summary>
    public required string Node { get; init; }

    public required CertificateAuthority Authority { get; init; }

    public required IStore Store { get; init; }

    /// <summary>Whether a client is of the LAN; nobody else is served.</summary>
    public required Func<IPAddress, bool> IsLan { get; init; }

    /// <summary>Whether a name lies in a zone of ours.</summary>
    public required Func<Name, bool> IsOurs { get; init; }

    /// <summary>Whether the gateway serves a host: such names are ours to keep.</summary>
    public required Func<string, bool> IsServed { get; init; }

    /// <summary>Whether the gateway serves a host one label below a name: a wildcard there would cover it (RFC 9525 §6.3).</summary>
    public required Func<string, bool> ServesBelow { get; init; }

    /// <summary>Whether an address is one of this box: its certificates are ours to keep.</summary>
    public required Func<IPAddress, bool> IsOwnAddress { get; init; }

    /// <summary>What a client of the LAN is told of a name: the data of its records.</summary>
    public required Func<Name, RecordType, IPAddress, CancellationToken, Task<ImmutableArray<RData>>> Ask { get; init; }

    /// <summary>The same, for names of others as they are now, whatever is remembered of them.</summary>
    public required Func<Name, RecordType, IPAddress, CancellationToken, Task<ImmutableArray<RData>>> AskAnew { get; init; }

    public required TimeProvider Time { get; init; }

    public required ILogger Log { get; init; }
}
