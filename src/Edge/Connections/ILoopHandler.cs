namespace Edge.Connections;

/// <summary>Who is told what the kernel says of a descriptor; always on the thread of its loop.</summary>
internal interface ILoopHandler
{
    /// <param name="events">Flags of epoll(7).</param>
    void OnEvents(uint events);
}
