namespace Edge.PortMapping;

/// <summary>A mapping that the router was asked for, as the data folder keeps it.</summary>
/// <param name="By">The protocol that it was made by.</param>
internal sealed record KeptMapping(string By, MappingProtocol Protocol, int Internal, int External, string For)
{
    public WantedMapping Wanted => new(Protocol, Internal, External, For);
}
