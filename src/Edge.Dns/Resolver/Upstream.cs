using System.Net;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Resolver;

/// <summary>
/// One resolver that is asked: how to speak to it, how fast it is, whether it lives. A slow name is not a dead
/// upstream, so after unanswered queries a probe decides; while it is down only the probe asks it.
/// </summary>
internal sealed partial class Upstream : IDisposable
{
    private static readonly TimeSpan PlainFor = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FirstProbePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestProbePause = TimeSpan.FromSeconds(8);
    // Any resolver can answer for the root, and REFUSED is a sign of life as well.
    private static readonly QuestionKey ProbeQuestion = new(Name.Root, RecordType.NS, 0);

    private readonly Lock _gate = new();
    private readonly IUpstreamTransport _udp = new UdpTransport();
    private readonly IUpstreamTransport _tcp = new TcpTransport();
    private readonly CancellationTokenSource _ended = new();
    private readonly TimeSpan _attemptTimeout;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private double _latency = -1;
    private int _silent;
    private bool _probing;
    private volatile bool _down;
    private long _queries;
    private long _lastReplyAt;
    private long _plainSince = long.MinValue;
    private DateTimeOffset? _lastFailure;
    private string? _lastError;

    public Upstream(IPEndPoint endPoint, TimeSpan attemptTimeout, TimeProvider time, ILogger log)
    {
        EndPoint = endPoint;
        _attemptTimeout = attemptTimeout;
        _time = time;
        _log = log;
    }

    public IPEndPoint EndPoint { get; }

    public bool IsDown => _down;

    /// <summary>Smoothed milliseconds to answer; who was never asked comes first.</summary>
    public double Rank => Volatile.Read(ref _latency);

    public UpstreamState State
    {
        get
        {
            lock (_gate)
            {
                return new UpstreamState(EndPoint, _down, _latency < 0 ? null : TimeSpan.FromMilliseconds(_latency), _queries, _lastFailure, _lastError);
            }
        }
    }

    /// <summary>Asks over UDP, over TCP where that is needed, without EDNS where EDNS is not understood.</summary>
    public async Task<UpstreamReply> AskAsync(QuestionKey key, CancellationToken cancel)
    {
        var plain = IsPlain;
        var reply = await AttemptAsync(key, withEdns: !plain, _attemptTimeout, cancel).ConfigureAwait(false);
        // RFC 6891 §7: who does not know EDNS says FORMERR or NOTIMP; with DO there is nothing to gain from asking without.
        if (!plain && reply.Kind == ReplyKind.Message && MessageHeader.TryRead(reply.Message, out var header) && header.Rcode is Rcode.FormErr or Rcode.NotImp)
        {
            var second = await AttemptAsync(key, withEdns: false, _attemptTimeout, cancel).ConfigureAwait(false);
            if (second.Kind == ReplyKind.Message && MessageHeader.TryRead(second.Message, out header) && header.Rcode is Rcode.NoError or Rcode.NxDomain)
            {
                Volatile.Write(ref _plainSince, _time.GetTimestamp());
            }

            return second;
        }

        return reply;
    }

    /// <summary>Lets the memory of a bad time fade, so that the upstream is tried again some day.</summary>
    public void Fade()
    {
        lock (_gate)
        {
            _latency *= _latency > 0 ? 0.98 : 1;
        }
    }

    public void Dispose() => _ended.Cancel();

    private bool IsPlain => Volatile.Read(ref _plainSince) is var since && since != long.MinValue && _time.GetElapsedTime(since) < PlainFor;

    private async Task<UpstreamReply> AttemptAsync(QuestionKey key, bool withEdns, TimeSpan timeout, CancellationToken cancel)
    {
        Interlocked.Increment(ref _queries);
        var start = _time.GetTimestamp();
        using var timer = new CancellationTokenSource(timeout, _time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        var query = UpstreamQuery.Create(key, withEdns);
        var reply = await _udp.AskAsync(EndPoint, query, deadline.Token).ConfigureAwait(false);
        if (reply.Kind == ReplyKind.NeedsTcp)
        {
            OnReply(start);
            reply = await _tcp.AskAsync(EndPoint, query, deadline.Token).ConfigureAwait(false);
            // UDP has just shown that it lives, so a failing TCP says nothing about that.
            return reply;
        }

        switch (reply.Kind)
        {
            case ReplyKind.Message:
                OnReply(start);
                break;
            case ReplyKind.Unreachable:
                OnUnreachable(reply.Error!);
                break;
            case ReplyKind.Timeout when timer.IsCancellationRequested && !cancel.IsCancellationRequested:
                OnTimeout(start);
                break;
        }

        return reply;
    }

    private void OnReply(long start)
    {
        var back = false;
        lock (_gate)
        {
            var now = _time.GetTimestamp();
            var took = _time.GetElapsedTime(start, now).TotalMilliseconds;
            _latency = _latency < 0 ? took : (_latency * 7 / 8) + (took / 8);
            _lastReplyAt = now;
            _silent = 0;
            back = _down;
            _down = false;
        }

        if (back)
        {
            Log.Back(_log, EndPoint);
        }
    }

    private void OnTimeout(long start)
    {
        lock (_gate)
        {
            _lastFailure = _time.GetUtcNow();
            _lastError = $"no reply within {_attemptTimeout.TotalSeconds:0.#} s";
            _latency = Math.Min(Math.Max(_latency, 50) * 2, _attemptTimeout.TotalMilliseconds);
            // An answer to somebody else meanwhile shows that only this name is slow.
            if (_lastReplyAt > start || ++_silent < 2)
            {
                return;
            }
        }

        StartProbing();
    }

    private void OnUnreachable(string error)
    {
        MarkDown(error);
        StartProbing();
    }

    private void MarkDown(string error)
    {
        bool changed;
        lock (_gate)
        {
            _lastFailure = _time.GetUtcNow();
            _lastError = error;
            changed = !_down;
            _down = true;
        }

        if (changed)
        {
            Log.Down(_log, EndPoint, error);
        }
    }

    private void StartProbing()
    {
        lock (_gate)
        {
            if (_probing || _ended.IsCancellationRequested)
            {
                return;
            }

            _probing = true;
        }

        _ = ProbeAsync();
    }

    private async Task ProbeAsync()
    {
        try
        {
            var pause = FirstProbePause;
            if (_down)
            {
                await Task.Delay(pause, _time, _ended.Token).ConfigureAwait(false);
            }

            while (!_ended.IsCancellationRequested)
            {
                var reply = await AttemptAsync(ProbeQuestion, withEdns: false, FirstProbePause, _ended.Token).ConfigureAwait(false);
                if (reply.Kind == ReplyKind.Message || !_down && Volatile.Read(ref _silent) == 0)
                {
                    return;
                }

                MarkDown(reply.Error ?? "no reply");
                await Task.Delay(pause, _time, _ended.Token).ConfigureAwait(false);
                pause = pause * 2 < LongestProbePause ? pause * 2 : LongestProbePause;
            }
        }
        catch (OperationCanceledException)
        {
            // The server stops or the upstream was taken out of the settings.
        }
        catch (Exception error)
        {
            Log.ProbeFailed(_log, EndPoint, error);
        }
        finally
        {
            lock (_gate)
            {
                _probing = false;
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1300, LogLevel.Warning, "Upstream {EndPoint} is down: {Reason}")]
        public static partial void Down(ILogger logger, IPEndPoint endPoint, string reason);

        [LoggerMessage(1301, LogLevel.Information, "Upstream {EndPoint} answers again")]
        public static partial void Back(ILogger logger, IPEndPoint endPoint);

        [LoggerMessage(1302, LogLevel.Error, "Probing upstream {EndPoint} broke off")]
        public static partial void ProbeFailed(ILogger logger, IPEndPoint endPoint, Exception error);
    }
}
