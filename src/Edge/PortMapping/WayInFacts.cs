using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Edge.PortMapping;

/// <summary>All that is known of the way in at one moment; what follows from it follows from nothing else.</summary>
internal sealed record WayInFacts
{
    /// <summary>Whether ports of the router are to be mapped.</summary>
    public bool Maps { get; init; }

    public PublishRule Publish { get; init; }

    /// <summary>Addresses of this machine that are public.</summary>
    public ImmutableArray<IPAddress> Own { get; init; } = [];

    /// <summary>The router's address outside; null while it is not known.</summary>
    public IPAddress? Router { get; init; }

    /// <summary>Whether the router says that it has no address on the internet.</summary>
    public bool IsWithoutAddress { get; init; }

    /// <summary>Whether the port of HTTPS is mapped; null when it is not wanted.</summary>
    public bool? IsMapped { get; init; }

    /// <summary>Where an echo sees us: of each family at most one.</summary>
    public ImmutableArray<IPAddress> Echoed { get; init; } = [];

    /// <summary>What came of trying.</summary>
    public ImmutableArray<WayInProof> Proofs { get; init; } = [];

    /// <summary>Where we may be reached by IPv4: as an echo sees us, which is behind all translations; else as the interface or the router says.</summary>
    public IPAddress? Candidate => Echoed.FirstOrDefault(IsFour) ?? Own.FirstOrDefault(IsFour) ?? (Router is { } router && AddressScope.IsPublic(router) ? router : null);

    /// <summary>The same by IPv6.</summary>
    public IPAddress? Candidate6 => Own.FirstOrDefault(address => !IsFour(address));

    /// <summary>Whether the router's address is not the one that the internet sees.</summary>
    public bool IsDoubleNat => !Own.Any(IsFour) && (Echoed.FirstOrDefault(IsFour) is { } seen
        ? (IsWithoutAddress && Router is null) || (Router is not null && !seen.Equals(Router))
        : Router is { } router && !AddressScope.IsPublic(router));

    /// <summary>What is so by IPv4.</summary>
    public WayInVerdict Verdict => VerdictOf(Candidate) switch
    {
        WayInVerdict.Proven => WayInVerdict.Proven,
        _ when IsDoubleNat => WayInVerdict.DoubleNat,
        WayInVerdict.Unproven when Candidate is { } own && Own.Contains(own) => WayInVerdict.Direct,
        var verdict => verdict,
    };

    /// <summary>What is so by IPv6: a router lets nobody in to such an address unless it was told to.</summary>
    public WayInVerdict Verdict6 => VerdictOf(Candidate6) is WayInVerdict.Unproven && Verdict == WayInVerdict.Direct ? WayInVerdict.Direct : VerdictOf(Candidate6);

    /// <summary>The addresses that the outside view may tell.</summary>
    public ImmutableArray<IPAddress> Published =>
    [
        .. Candidate is { } four && AddressScope.IsPublic(four) && IsPublished(Verdict, isBehindRouter: true) ? [four] : ReadOnlySpan<IPAddress>.Empty,
        .. Candidate6 is { } six && IsPublished(Verdict6, isBehindRouter: false) ? [six] : ReadOnlySpan<IPAddress>.Empty,
    ];

    private static bool IsFour(IPAddress address) => address.AddressFamily == AddressFamily.InterNetwork;

    private WayInVerdict VerdictOf(IPAddress? address) =>
        address is null ? WayInVerdict.Unknown : Proofs.FirstOrDefault(proof => proof.At.Address.Equals(address))?.Verdict ?? WayInVerdict.Unproven;

    private bool IsPublished(WayInVerdict verdict, bool isBehindRouter) => Publish switch
    {
        PublishRule.Always => true,
        _ when verdict is WayInVerdict.Proven or WayInVerdict.Direct => true,
        // Who maps by hand is believed; who wants a mapping and has none is not reached.
        PublishRule.UnlessDisproved => isBehindRouter && verdict == WayInVerdict.Unproven && (!Maps || IsMapped != false),
        _ => false,
    };
}
