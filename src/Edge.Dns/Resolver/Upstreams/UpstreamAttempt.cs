namespace Edge.Dns.Resolver.Upstreams;

/// <summary>One question put to one upstream: waits for its reply, and not longer than its time.</summary>
internal sealed class UpstreamAttempt(Upstream upstream, int index, QuestionKey key, UpstreamQuery query, IAttemptOwner owner, long startedAt) : Alarm
{
    private int _over;

    public Upstream Upstream => upstream;

    /// <summary>The place of the upstream in its set.</summary>
    public int Index => index;

    public QuestionKey Key => key;

    public IAttemptOwner Owner => owner;

    public long StartedAt => startedAt;

    /// <summary>What goes over the wire; another one when it is asked again in another way.</summary>
    public UpstreamQuery Query { get; set; } = query;

    /// <summary>The channel that has it now.</summary>
    public IUpstreamChannel? Channel { get; set; }

    /// <summary>The socket that it waits at, over UDP.</summary>
    public UdpSocket? Place { get; set; }

    /// <summary>The connection that it waits at, over TCP or TLS.</summary>
    public StreamConnection? Connection { get; set; }

    /// <summary>Whether UDP has brought something already, so that the upstream lives.</summary>
    public bool ShowedLife { get; set; }

    /// <summary>Whether it waited for a connection, so that its time says little about the upstream.</summary>
    public bool WasCold { get; set; }

    /// <summary>Whether it was sent again since a connection ended under it.</summary>
    public bool WasRepeated { get; set; }

    public bool IsOver => Volatile.Read(ref _over) != 0;

    /// <summary>True for the first who says that it is over.</summary>
    public bool TryEnd() => Interlocked.Exchange(ref _over, 1) == 0;

    /// <summary>A channel has a reply, or knows why there will be none.</summary>
    public void Deliver(in UpstreamReply reply) => upstream.Receive(this, reply);

    protected internal override void OnAlarm()
    {
        Channel?.Forget(this);
        upstream.Receive(this, UpstreamReply.Failed(ReplyKind.Timeout, "no reply in time"));
    }
}
