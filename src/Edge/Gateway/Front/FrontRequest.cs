using Edge.Gateway.Straight;
using Edge.Observability.Requests;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway.Front;

/// <summary>A request that the front serves, and what it has found out about it.</summary>
/// <param name="Record">What is taken down of it.</param>
/// <param name="Entry">Its route.</param>
/// <param name="State">Where it goes, as YARP has it; null where nothing has changed since the route learned of it.</param>
/// <param name="Destination">The same as the straight way has it.</param>
/// <param name="Load">The requests there.</param>
/// <param name="Hsts">Strict-Transport-Security; null for none.</param>
/// <param name="IsHead">It is a HEAD, or else a GET.</param>
/// <param name="Closes">The client wants no other answer on this connection.</param>
/// <param name="IsEmbedded">A page of another site had its visitor's browser ask.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Begin">When the destination was asked, as a timestamp of <see cref="System.Diagnostics.Stopwatch"/>.</param>
internal readonly record struct FrontRequest(RequestRecord Record, RouteEntry Entry, DestinationState? State, StraightDestination Destination, DestinationLoad Load, string? Hsts, bool IsHead, bool Closes, bool IsEmbedded, int Length, long Begin);
