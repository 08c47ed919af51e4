namespace Edge.Gateway.Front.Http2;

/// <summary>A stream that the web server answers.</summary>
/// <param name="id">The client's number of it.</param>
/// <param name="serverId">The number that it has towards the web server, which knows only these streams.</param>
internal sealed class RelayedStream(int id, int serverId)
{
    public int Id => id;

    public int ServerId => serverId;

    /// <summary>The client has said all.</summary>
    public bool ClientEnded { get; set; }

    /// <summary>The web server has said all.</summary>
    public bool ServerEnded { get; set; }

    /// <summary>The web server wants no more of what the client says, whether the client knows it or not.</summary>
    public bool IsReset { get; set; }

    /// <summary>Nothing of it goes on any more.</summary>
    public bool IsClosed { get; set; }
}
