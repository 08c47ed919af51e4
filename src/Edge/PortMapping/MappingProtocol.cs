namespace Edge.PortMapping;

/// <summary>What is mapped, by its protocol number (IANA).</summary>
internal enum MappingProtocol
{
    Tcp = 6,
    Udp = 17,
}
