using System.Net;

namespace Edge.Streams;

/// <summary>A port that is open for services.</summary>
internal sealed record StreamReport(string Protocol, IPEndPoint EndPoint);
