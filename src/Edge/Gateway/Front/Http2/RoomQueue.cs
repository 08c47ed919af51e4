namespace Edge.Gateway.Front.Http2;

/// <summary>
/// The streams that wait for the connection's room, in the order in which they came: each gets some of it before any gets more.
/// </summary>
internal sealed class RoomQueue
{
    private readonly Queue<FrontStream> _streams = new();

    /// <summary>Nobody waits.</summary>
    public bool IsEmpty => _streams.Count == 0;

    /// <summary>Takes one in, unless it is there already.</summary>
    public void Add(FrontStream stream)
    {
        if (!stream.IsQueued)
        {
            stream.IsQueued = true;
            _streams.Enqueue(stream);
        }
    }

    /// <summary>Has them go on for as long as there is room. Who needs more than its share comes again behind the others.</summary>
    public void Wake(ClientSide client)
    {
        while (client.Room > 0 && _streams.TryDequeue(out var first))
        {
            first.IsQueued = false;
            first.Wake();
        }
    }
}
