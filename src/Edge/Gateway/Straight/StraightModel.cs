using Yarp.ReverseProxy.Model;

namespace Edge.Gateway.Straight;

/// <summary>A destination as YARP and as the straight way have it.</summary>
internal sealed record StraightModel(DestinationModel Model, StraightDestination Destination);
