namespace Edge.PortMapping;

/// <summary>One way of talking to the router. Nothing here is called twice at the same time.</summary>
internal interface IRouterClient : IDisposable
{
    /// <summary>Its name, for people: "PCP".</summary>
    string Protocol { get; }

    /// <summary>The router has lost what it knew: its clock says so, or it has another mapping than it said.</summary>
    event Action? Forgot;

    /// <summary>Makes a mapping, or prolongs it.</summary>
    Task<MapAnswer> MapAsync(WantedMapping wanted, TimeSpan lifetime, CancellationToken cancel);

    /// <summary>Takes a mapping of ours back.</summary>
    /// <returns>Whether the router said that there is none of ours any more.</returns>
    Task<bool> RemoveAsync(WantedMapping made, CancellationToken cancel);

    /// <summary>Asks for the router's address outside; among other things this notices a router that has forgotten.</summary>
    /// <param name="made">The mappings that are there.</param>
    /// <param name="cancel">The end.</param>
    Task<AddressAnswer> AskAddressAsync(IReadOnlyList<WantedMapping> made, CancellationToken cancel);
}
