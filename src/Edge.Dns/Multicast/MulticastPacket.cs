using System.Net;

namespace Edge.Dns.Multicast;

/// <summary>A packet that came in.</summary>
/// <param name="Link">Where.</param>
/// <param name="Source">From whom.</param>
/// <param name="IsToGroup">Whether it was sent to all; else to this machine alone.</param>
/// <param name="Bytes">What it says; the receiver does not keep them.</param>
public readonly record struct MulticastPacket(MulticastLink Link, IPEndPoint Source, bool IsToGroup, ReadOnlyMemory<byte> Bytes);
