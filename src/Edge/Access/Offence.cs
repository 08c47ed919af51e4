using System.Net;

namespace Edge.Access;

/// <summary>A note of what a client did.</summary>
/// <param name="Client">Who; IPv4 as IPv4.</param>
/// <param name="Kind">What.</param>
/// <param name="Where">The host that was asked.</param>
/// <param name="IsEmbedded">A page of another site had its visitor's browser do it, see <see cref="EmbeddedRequest"/>.</param>
internal readonly record struct Offence(IPAddress Client, OffenceKind Kind, string Where, bool IsEmbedded);
