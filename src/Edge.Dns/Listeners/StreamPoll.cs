namespace Edge.Dns.Listeners;

/// <summary>What one thread waits for: the connections that it serves, new ones, and others who wake it.</summary>
internal sealed unsafe class StreamPoll : IDisposable
{
    /// <summary>Stands for the listening socket.</summary>
    public const ulong Listener = ulong.MaxValue;

    /// <summary>Stands for a wish of another thread.</summary>
    public const ulong Wish = ulong.MaxValue - 1;

    private const int Batch = 64;

    private readonly int _listener;
    private readonly int _poll;
    private readonly int _waker;

    /// <param name="listener">The listening socket's descriptor.</param>
    public StreamPoll(int listener)
    {
        _listener = listener;
        _poll = LinuxPolling.Create();
        _waker = LinuxPolling.CreateWaker();
        LinuxPolling.Control(_poll, LinuxPolling.Add, _waker, LinuxPolling.In, Wish);
    }

    /// <summary>How many of them <see cref="Wait"/> tells at once.</summary>
    public static int Room => Batch;

    /// <summary>Whether new connections are taken.</summary>
    public bool IsListening { get; private set; }

    /// <summary>Waits until there is something to do.</summary>
    /// <param name="tokens">Receives for whom.</param>
    public int Wait(Span<ulong> tokens)
    {
        var events = stackalloc byte[Batch * 16];
        var count = LinuxPolling.Wait(_poll, events, Batch, -1);
        for (var i = 0; i < count; i++)
        {
            tokens[i] = LinuxPolling.DataOf(events + (i * LinuxPolling.EventSize));
        }

        return count;
    }

    /// <summary>Waits for what a connection sends.</summary>
    public void Add(int handle, ulong token) => LinuxPolling.Control(_poll, LinuxPolling.Add, handle, LinuxPolling.In, token);

    /// <summary>Waits for its queries again.</summary>
    public void AwaitBytes(int handle, ulong token) => LinuxPolling.Control(_poll, LinuxPolling.Modify, handle, LinuxPolling.In, token);

    /// <summary>Waits until it takes more, and for nothing else.</summary>
    public void AwaitRoom(int handle, ulong token) => LinuxPolling.Control(_poll, LinuxPolling.Modify, handle, LinuxPolling.Out, token);

    /// <summary>Waits for it no more.</summary>
    public void Remove(int handle) => LinuxPolling.Control(_poll, LinuxPolling.Delete, handle, 0, 0);

    /// <summary>Takes new connections, or leaves them to wait.</summary>
    public void Listen(bool on)
    {
        if (on != IsListening)
        {
            LinuxPolling.Control(_poll, on ? LinuxPolling.Add : LinuxPolling.Delete, _listener, LinuxPolling.In | LinuxPolling.Exclusive, Listener);
            IsListening = on;
        }
    }

    /// <summary>Ends <see cref="Wait"/>. Called from any thread.</summary>
    public void Wake()
    {
        ulong one = 1;
        LinuxPolling.Write(_waker, &one, sizeof(ulong));
    }

    /// <summary>The wish was heard.</summary>
    public void Woken()
    {
        ulong count;
        LinuxPolling.Read(_waker, &count, sizeof(ulong));
    }

    public void Dispose()
    {
        LinuxPolling.Close(_poll);
        LinuxPolling.Close(_waker);
    }
}
