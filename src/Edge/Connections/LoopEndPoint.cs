using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Edge.Connections;

/// <summary>An address whose connections are carried by the event loops, and served there before the web server knows of them.</summary>
/// <param name="at">The address.</param>
/// <param name="way">What comes before the web server.</param>
internal sealed class LoopEndPoint(IPEndPoint at, IConnectionBuilder way) : IPEndPoint(at.Address, at.Port)
{
    /// <summary>What comes before the web server.</summary>
    public IConnectionBuilder Way => way;
}
