namespace Edge.PortMapping;

/// <summary>What edge.yaml says at one moment.</summary>
/// <param name="Options">The settings of the way in.</param>
/// <param name="Echo">Whether others are told where they come from.</param>
/// <param name="IsAsked">Whether somebody wants to know our address, though nothing is to be mapped.</param>
internal sealed record WayInWish(PortMappingOptions Options, AddressEchoOptions Echo, bool IsAsked)
{
    /// <summary>Whether there is anything to look for.</summary>
    public bool IsAny => Options.Maps || Options.Echo is not null || IsAsked;
}
