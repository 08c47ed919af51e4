using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// One resolver that is asked: how to speak to it, how fast it is, whether it lives. A slow name is not a dead
/// upstream, so after unanswered queries a probe decides; while it is down only the probe asks it.
/// </summary>
internal sealed partial class Upstream : IDisposable
{
    private static readonly TimeSpan PlainFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan LeastPatience = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan PatienceWithStrangers = TimeSpan.FromMilliseconds(150);

    private readonly Lock _gate = new();
    private readonly IUpstreamChannel _channel;
    private readonly IUpstreamChannel? _tcp;
    private readonly UpstreamParts _parts;
    private readonly UpstreamProbe _probe;
    private readonly TimeSpan _attemptTimeout;
    private double _latency = -1;
    private double _spread;
    private bool _isLate;
    private int _silent;
    private int _inFlight;
    private volatile bool _down;
    private long _queries;
    private long _lastReplyAt;
    private long _renewedAt;
    private long _plainSince = long.MinValue;
    private DateTimeOffset? _lastFailure;
    private string? _lastError;

    /// <summary>One that was never asked yet.</summary>
    /// <param name="server">Which one.</param>
    /// <param name="zone">What it is asked about: a forwarded zone, or the root for everything.</param>
    /// <param name="channel">The way to it.</param>
    /// <param name="tcp">The way for what UDP cannot carry; null when the first way can carry all.</param>
    /// <param name="attemptTimeout">How long one attempt may take.</param>
    /// <param name="parts">What upstreams share.</param>
    public Upstream(UpstreamServer server, Name zone, IUpstreamChannel channel, IUpstreamChannel? tcp, TimeSpan attemptTimeout, UpstreamParts parts)
    {
        Server = server;
        Zone = zone;
        Text = server.ToString();
        _channel = channel;
        _tcp = tcp;
        _attemptTimeout = attemptTimeout;
        _parts = parts;
        _probe = new UpstreamProbe(this, zone, parts);
    }

    public UpstreamServer Server { get; }

    /// <summary>What it is asked about. A server that is asked about several zones may be well for one and dead for another.</summary>
    public Name Zone { get; }

    /// <summary>What it is called in reports.</summary>
    public string Text { get; }

    public bool IsDown => _down;

    /// <summary>The order in which upstreams are asked: smoothed milliseconds to answer, behind all others who is late with everything. Who was never asked comes first.</summary>
    public double Rank => Volatile.Read(ref _latency) + (Volatile.Read(ref _isLate) ? _attemptTimeout.TotalMilliseconds : 0);

    /// <summary>Whether nothing is known of it, and nobody is finding out.</summary>
    public bool WantsMeasuring => Volatile.Read(ref _latency) < 0 && Volatile.Read(ref _inFlight) == 0;

    /// <summary>How long its answer is waited for before the next upstream is asked as well: about what nineteen of twenty take.</summary>
    public TimeSpan Patience
    {
        get
        {
            var latency = Volatile.Read(ref _latency);
            var usual = latency < 0 ? PatienceWithStrangers : TimeSpan.FromMilliseconds(Math.Min(latency + (2 * Volatile.Read(ref _spread)), latency * 3));
            return usual > LeastPatience ? usual : LeastPatience;
        }
    }

    public UpstreamState State
    {
        get
        {
            lock (_gate)
            {
                return new UpstreamState(Server, _down, _lastReplyAt == 0 ? null : TimeSpan.FromMilliseconds(_latency), _queries, _lastFailure, _lastError);
            }
        }
    }

    /// <summary>An attempt to be asked; it waits for nothing yet.</summary>
    public UpstreamAttempt Begin(QuestionKey key, int index, IAttemptOwner owner) =>
        new(this, index, key, UpstreamQuery.Create(key, withEdns: !IsPlain, IsPadded), owner, _parts.Time.GetTimestamp());

    /// <summary>Sends it; its owner hears once how it ended.</summary>
    public void Ask(UpstreamAttempt attempt) => Ask(attempt, _attemptTimeout);

    public void Ask(UpstreamAttempt attempt, TimeSpan timeout)
    {
        Interlocked.Increment(ref _queries);
        Interlocked.Increment(ref _inFlight);
        attempt.Channel = _channel;
        _parts.Clock.Set(attempt, timeout);
        _channel.Ask(attempt);
    }

    /// <summary>A channel has something for an attempt: the end of it, or the reason to ask in another way.</summary>
    public void Receive(UpstreamAttempt attempt, in UpstreamReply reply)
    {
        if (attempt.IsOver)
        {
            return;
        }

        if (reply.Kind == ReplyKind.NeedsTcp && _tcp is not null)
        {
            OnReply(attempt);
            attempt.ShowedLife = true;
            attempt.Channel = _tcp;
            _tcp.Ask(attempt);
            return;
        }

        // RFC 6891 §7: who does not know EDNS says FORMERR or NOTIMP; with DO there is nothing to gain from asking without.
        if (reply.Kind == ReplyKind.Message && attempt.Query.HasEdns && RcodeOf(reply) is Rcode.FormErr or Rcode.NotImp)
        {
            attempt.ShowedLife = true;
            attempt.Query = UpstreamQuery.Create(attempt.Key, withEdns: false);
            attempt.Channel!.Ask(attempt);
            return;
        }

        if (!attempt.TryEnd())
        {
            return;
        }

        _parts.Clock.Stop(attempt);
        Interlocked.Decrement(ref _inFlight);
        Learn(attempt, reply);
        attempt.Owner.OnReply(attempt, reply);
    }

    /// <summary>Another upstream has answered before this one, which takes at least that long.</summary>
    public void OnOvertaken(UpstreamAttempt attempt)
    {
        lock (_gate)
        {
            var sofar = _parts.Time.GetElapsedTime(attempt.StartedAt).TotalMilliseconds;
            _latency = _latency < 0 ? sofar : Math.Max(_latency, (_latency * 3 / 4) + (sofar / 4));
        }
    }

    /// <summary>It should have answered by now. If it has answered nobody meanwhile, others are asked first until it does.</summary>
    public void OnLate(UpstreamAttempt attempt)
    {
        lock (_gate)
        {
            _isLate |= _lastReplyAt <= attempt.StartedAt;
        }
    }

    /// <summary>Whether it has answered anybody since then.</summary>
    public bool HasAnsweredSince(long timestamp)
    {
        lock (_gate)
        {
            return _lastReplyAt > timestamp;
        }
    }

    /// <summary>Somebody waits for it to come back.</summary>
    public void Hurry() => _probe.Hurry();

    /// <summary>Addresses or links of this machine have changed.</summary>
    public void OnNetworkChanged()
    {
        _channel.Renew();
        _tcp?.Renew();
        if (_down)
        {
            _probe.Hurry();
        }
    }

    public void Dispose()
    {
        _probe.Dispose();
        _channel.Dispose();
        _tcp?.Dispose();
    }

    internal void MarkDown(string error)
    {
        bool changed;
        lock (_gate)
        {
            _lastFailure = _parts.Time.GetUtcNow();
            _lastError = error;
            changed = !_down;
            _down = true;
        }

        _channel.Renew();
        if (changed)
        {
            Log.Down(_parts.Log, Server, error);
        }
    }

    // RFC 8467 §4.1: what is encrypted is padded, so that its length says little.
    private bool IsPadded => Server.Protocol is UpstreamProtocol.Tls or UpstreamProtocol.Https;

    private bool IsPlain => Volatile.Read(ref _plainSince) is var since && since != long.MinValue && _parts.Time.GetElapsedTime(since) < PlainFor;

    private static Rcode RcodeOf(in UpstreamReply reply) => MessageHeader.TryRead(reply.Message, out var header) ? header.Rcode : Rcode.FormErr;

    private void Learn(UpstreamAttempt attempt, in UpstreamReply reply)
    {
        switch (reply.Kind)
        {
            case ReplyKind.Message:
                if (attempt.ShowedLife && !attempt.Query.HasEdns && !IsPlain && RcodeOf(reply) is Rcode.NoError or Rcode.NxDomain)
                {
                    Volatile.Write(ref _plainSince, _parts.Time.GetTimestamp());
                }

                OnReply(attempt);
                break;
            case ReplyKind.Unreachable when !attempt.ShowedLife:
                MarkDown(reply.Error!);
                _probe.Start();
                break;
            case ReplyKind.Timeout when !attempt.ShowedLife:
                OnTimeout(attempt);
                break;
        }
    }

    private void OnReply(UpstreamAttempt attempt)
    {
        bool back;
        lock (_gate)
        {
            var now = _parts.Time.GetTimestamp();
            var took = _parts.Time.GetElapsedTime(attempt.StartedAt, now).TotalMilliseconds;
            if (!attempt.ShowedLife && !(attempt.WasCold && _latency >= 0))
            {
                // As RFC 6298 §2 does for TCP.
                _spread = _latency < 0 ? took / 2 : (_spread * 7 / 8) + (Math.Abs(took - _latency) / 8);
                _latency = _latency < 0 ? took : (_latency * 7 / 8) + (took / 8);
            }

            _lastReplyAt = now;
            _isLate = false;
            _silent = 0;
            back = _down;
            _down = false;
        }

        if (back)
        {
            Log.Back(_parts.Log, Server);
        }
    }

    private void OnTimeout(UpstreamAttempt attempt)
    {
        bool renews, isSilent;
        lock (_gate)
        {
            _lastFailure = _parts.Time.GetUtcNow();
            _lastError = $"no reply within {_attemptTimeout.TotalSeconds:0.#} s";
            _latency = Math.Min(Math.Max(_latency, 50) * 2, _attemptTimeout.TotalMilliseconds);
            // An answer to somebody else meanwhile shows that only this name is slow.
            if (_lastReplyAt > attempt.StartedAt)
            {
                return;
            }

            isSilent = ++_silent >= 2;
            // Those who were sent together run out of time together, and the next try of the first is on its way by then.
            renews = attempt.StartedAt >= _renewedAt;
            _renewedAt = renews ? _parts.Time.GetTimestamp() : _renewedAt;
        }

        if (renews)
        {
            _channel.Renew();
        }

        if (isSilent)
        {
            _probe.Start();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1300, LogLevel.Warning, "Upstream {Server} is down: {Reason}")]
        public static partial void Down(ILogger logger, UpstreamServer server, string reason);

        [LoggerMessage(1301, LogLevel.Information, "Upstream {Server} answers again")]
        public static partial void Back(ILogger logger, UpstreamServer server);
    }
}
