using System.Net;

namespace Edge.Streams;

/// <summary>A port that is open for services. Disposing it closes the port.</summary>
internal interface IStreamListener : IDisposable
{
    /// <summary>Where it listens.</summary>
    IPEndPoint EndPoint { get; }

    /// <summary>Takes what the port is for from now on.</summary>
    void Use(StreamPort port);
}
