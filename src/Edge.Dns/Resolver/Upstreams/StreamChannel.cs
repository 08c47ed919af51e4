namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// DNS over TCP or TLS to one upstream: one connection for all queries, many of them on their way at once
/// (RFC 7766 §6.2.1). A connection that ends under queries that it could have answered is replaced once by another.
/// </summary>
internal sealed class StreamChannel(UpstreamDialer dialer, TimeProvider time) : IUpstreamChannel
{
    private readonly Lock _gate = new();
    private StreamConnection? _current;
    private bool _ended;

    public void Ask(UpstreamAttempt attempt)
    {
        while (Current() is { } connection)
        {
            if (connection.TryAsk(attempt))
            {
                return;
            }

            Drop(connection);
        }

        attempt.Deliver(UpstreamReply.Failed(ReplyKind.Unreachable, "the server stops"));
    }

    public void Forget(UpstreamAttempt attempt) => attempt.Connection?.Forget(attempt);

    public void Renew()
    {
        StreamConnection? old;
        lock (_gate)
        {
            old = _current;
            _current = null;
        }

        old?.Retire();
    }

    public void Dispose()
    {
        StreamConnection? old;
        lock (_gate)
        {
            _ended = true;
            old = _current;
            _current = null;
        }

        old?.Dispose();
    }

    /// <summary>The connection has ended for this reason, with these attempts unanswered.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="unanswered">Who waited.</param>
    /// <param name="wasGood">Whether it had brought replies before: then it was probably closed for being idle (RFC 7766 §6.2.3).</param>
    /// <param name="reason">What happened, in words.</param>
    public void OnEnd(StreamConnection connection, List<UpstreamAttempt> unanswered, bool wasGood, string reason)
    {
        Drop(connection);
        foreach (var attempt in unanswered)
        {
            if (wasGood && !attempt.WasRepeated)
            {
                attempt.WasRepeated = true;
                Ask(attempt);
            }
            else
            {
                attempt.Deliver(UpstreamReply.Failed(ReplyKind.Unreachable, reason));
            }
        }
    }

    private StreamConnection? Current()
    {
        lock (_gate)
        {
            return _ended ? null : _current ??= new StreamConnection(this, dialer, time);
        }
    }

    private void Drop(StreamConnection connection)
    {
        lock (_gate)
        {
            _current = _current == connection ? null : _current;
        }
    }
}
