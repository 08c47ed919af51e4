using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Validation;

/// <summary>What validation with one set of options has learned: it stays while upstreams and other options change.</summary>
internal sealed class ValidationState
{
    private readonly AnchorKeeper? _keeper;
    private volatile TrustAnchorSet _anchors;

    public ValidationState(ValidationOptions options, TimeProvider time, ILogger log)
    {
        Options = options;
        Zones = new TrustCache(options.MaxZones, time);
        Proofs = options.AggressiveDenial ? new ProofMemory(options.MaxProofs, time) : null;
        _anchors = TrustAnchorSet.Of(options.Anchors, options.Negative);
        if (options.StateFile is not null)
        {
            _keeper = new AnchorKeeper(options.StateFile, _anchors.Points, log);
            _anchors = new TrustAnchorSet(_keeper.Trusted, options.Negative);
        }
    }

    public ValidationOptions Options { get; }

    /// <summary>The trust anchors now.</summary>
    public TrustAnchorSet Anchors => _anchors;

    /// <summary>Zones and their keys.</summary>
    public TrustCache Zones { get; }

    /// <summary>Proofs that answer for other names; null when they are not to.</summary>
    public ProofMemory? Proofs { get; }

    /// <summary>Takes in the DNSKEY set of a trust point.</summary>
    public void Observe(Name zone, Message message, DateTimeOffset now)
    {
        if (_keeper is not null && _keeper.Observe(zone, message, now))
        {
            _anchors = new TrustAnchorSet(_keeper.Trusted, Options.Negative);
        }
    }
}
