using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway.Straight;

/// <summary>What went wrong, for the steps around that ask YARP's forwarder the same.</summary>
internal sealed record ForwardFailure(ForwarderError Error, Exception? Exception) : IForwarderErrorFeature;
