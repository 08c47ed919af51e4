using System.Net;

namespace Edge.PortMapping;

/// <summary>How it stands with the way in, in words, and what to do.</summary>
internal static class WayInWords
{
    /// <summary>One sentence, or a few.</summary>
    public static string Of(WayInState state) => state.Beginning is { } wish ? OfBeginning(state, wish) : state.Verdict switch
    {
        WayInVerdict.Off => "Edge does not look: port-mapping is off, and no view has addresses: auto.",
        WayInVerdict.Proven => $"{state.Facts.Candidate} leads here: {ProofOf(state)?.By}.",
        WayInVerdict.Direct => $"{state.Facts.Candidate} is an address of this machine itself.",
        WayInVerdict.Disproved => $"{state.Facts.Candidate} does not lead here: {ProofOf(state)?.By} found {ProofOf(state)?.Reason}. {OfMapping(state)}",
        WayInVerdict.DoubleNat => OfDoubleNat(state),
        WayInVerdict.Unproven or WayInVerdict.Unknown when state.Facts.IsWithoutAddress => WithoutAddress,
        WayInVerdict.Unproven => $"It is not proven that {state.Facts.Candidate} leads here: {ProofOf(state) switch { { By: var by, Reason: var reason } => $"{by} found {reason}", null => "it was not tried yet" }}. {OfMapping(state)}",
        _ => OfUnknown(state),
    };

    // A router that is silent in three protocols takes its time.
    private static string OfBeginning(WayInState state, PortMappingOptions wish)
    {
        var router = state.Router is { } at ? $"the router {at}" : "this machine";
        var asked = wish.Maps ? $"{router} is asked for ports ({string.Join(", ", wish.Protocols)})" : $"{router} is asked for the address";
        return $"Edge begins to look{(state.IsOff ? "" : ", since the settings have changed; what follows is of before")}: {asked}{(wish.Echo is null ? "" : $", and {wish.Echo.Host} where this box is seen")}. That takes some seconds; ask again.";
    }

    private const string WithoutAddress = "The router says that it has no address on the internet: its line is down, or it stands behind another router (double NAT), which may be the provider's (CGNAT). "
        + "Where its pages show an address that begins with 10., 192.168., 172.16. to 172.31., or 100.64. to 100.127., it is the second: forward the ports on the router in front too, or ask the provider for an IPv4 address of your own.";

    private static WayInProof? ProofOf(WayInState state) => state.Facts.Proofs.FirstOrDefault(proof => proof.At.Address.Equals(state.Facts.Candidate));

    private static string OfMapping(WayInState state) => state switch
    {
        { Facts: { Maps: true, IsMapped: false } } when state.Mappings.FirstOrDefault(mapping => !mapping.IsMade) is { } missing => $"The router has not mapped {missing.Wanted}: {missing.Reason}.",
        { Facts: { Maps: true, IsMapped: false } } => $"The router {state.Router} makes no mappings: switch on UPnP, NAT-PMP or PCP in its settings, or forward the ports by hand and say port-mapping: {{map: off}}.",
        { Facts.Verdict: WayInVerdict.Disproved } => "Look for a firewall of the router or of the provider.",
        { Echo: null } => "Many routers do not lead back inside what comes from inside; an Edge elsewhere with address-echo: on can tell (port-mapping.echo).",
        _ => "",
    };

    private static string OfDoubleNat(WayInState state)
    {
        if (state.Facts.Router is not { } router)
        {
            return $"{WithoutAddress} The internet sees {state.Facts.Candidate}, so it is the second.";
        }

        if (AddressScope.IsShared(router))
        {
            return $"The router's address outside is {router}: many customers of the provider share what is behind it (CGNAT), and nobody can come in by IPv4. "
                + "Ask the provider for an IPv4 address of your own, use IPv6, or put a server on the internet in front.";
        }

        return AddressScope.IsPublic(router)
            ? $"The router says that its address outside is {router}, and the internet sees {state.Facts.Candidate}: there is another translation between them. If it is the provider's (CGNAT), ask for an IPv4 address of your own."
            : $"The router's address outside is {router}, which is not of the internet: it stands behind another router. Forward {Ports(state)} on that one to {router}, or have it pass everything on (bridge mode, exposed host).";
    }

    private static string OfUnknown(WayInState state) => state switch
    {
        { Router: null } => "This machine has no default route, so there is no router to ask. Say port-mapping.router, or connect it.",
        { Facts: { Maps: true, IsMapped: false } } => OfMapping(state),
        { Protocol: null, Echo: null } => $"The router {state.Router} does not tell its address. Say port-mapping.echo, an URL that answers with the address that a question comes from.",
        _ => "No address was found yet.",
    };

    private static string Ports(WayInState state) => state.Mappings.IsEmpty ? "the ports" : string.Join(" and ", state.Mappings.Select(mapping => $"{(mapping.Wanted.Protocol == MappingProtocol.Tcp ? "TCP" : "UDP")} {mapping.Wanted.External}"));
}
