namespace Edge.Gateway.Front.Http2;

/// <summary>
/// The streams that wait for the connection's room, in the order in which they came: each gets some of it before any gets more.
/// Who waits no more, for whatever reason, is not in it: a client decides how many streams come and go without any room (RFC 9113 section 10.5).
/// </summary>
internal sealed class RoomQueue
{
    private readonly LinkedList<FrontStream> _streams = new();

    /// <summary>Nobody waits.</summary>
    public bool IsEmpty => _streams.First is null;

    /// <summary>Takes one in, unless it is there already.</summary>
    public void Add(FrontStream stream)
    {
        if (!stream.IsQueued)
        {
            _streams.AddLast(stream.Turn);
        }
    }

    /// <summary>It waits no more.</summary>
    public void Remove(FrontStream stream)
    {
        if (stream.IsQueued)
        {
            _streams.Remove(stream.Turn);
        }
    }

    /// <summary>Has them go on for as long as there is room. Who needs more than its share comes again behind the others.</summary>
    public void Wake(ClientSide client)
    {
        while (client.Room > 0 && _streams.First is { } first)
        {
            first.Value.Wake();
        }
    }
}
