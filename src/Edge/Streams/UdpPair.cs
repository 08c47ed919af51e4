using System.Net;

namespace Edge.Streams;

/// <summary>Who sends datagrams, and the address of ours that they are sent to, from which the answers come.</summary>
/// <param name="Client">The sender.</param>
/// <param name="Asked">The address and port of ours.</param>
internal readonly record struct UdpPair(IPEndPoint Client, IPEndPoint Asked);
