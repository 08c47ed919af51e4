using System.Net;

namespace Edge.PortMapping;

/// <summary>What a router said when it was asked for its address outside.</summary>
/// <param name="Address">The address; null when it has none, or did not say.</param>
/// <param name="HasAnswered">Whether it said anything at all.</param>
internal readonly record struct AddressAnswer(IPAddress? Address, bool HasAnswered)
{
    public static readonly AddressAnswer Silent = new(null, HasAnswered: false);
}
