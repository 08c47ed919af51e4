namespace Edge.Streams;

/// <summary>Takes a datagram that came to a port.</summary>
/// <param name="datagram">What came. It is lent.</param>
/// <param name="pair">From whom, and to which address.</param>
internal delegate void UdpTake(ReadOnlySpan<byte> datagram, UdpPair pair);
