using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>How asking on one connection ended.</summary>
/// <param name="Error">As YARP's forwarder says it; null when the client has seen nothing, and the request can be asked again.</param>
/// <param name="IsAgain">On another connection: the destination had closed this one.</param>
internal readonly record struct Outcome(ForwarderError? Error, bool IsAgain = false)
{
    /// <summary>The client has its answer.</summary>
    public static readonly Outcome Answered = new(ForwarderError.None);

    public static readonly Outcome Again = new(null, IsAgain: true);

    /// <summary>By YARP's forwarder.</summary>
    public static readonly Outcome OtherWay = new(null);
}
