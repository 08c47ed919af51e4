using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Transfer;

/// <summary>A server that may have a zone from us.</summary>
/// <param name="EndPoint">Its address, and the port it takes NOTIFY on.</param>
/// <param name="Key">The key it must sign with, and that NOTIFY is signed with; null for none.</param>
/// <param name="TlsOnly">Whether it gets the zone over TLS only (RFC 9103).</param>
public sealed record TransferPeer(IPEndPoint EndPoint, Name? Key = null, bool TlsOnly = false);
