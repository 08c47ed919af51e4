using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Upstreams;

/// <summary>
/// One question put to upstreams until one knows or the time is over. The quickest is asked first; when it takes
/// longer than it usually does, the next one is asked as well, and the first good answer counts.
/// </summary>
internal sealed class Inquiry(UpstreamSet upstreams, UpstreamParts parts, ForwarderOptions options, QuestionKey key) : Alarm, IAttemptOwner
{
    // Four bits for each upstream: how often it was asked.
    private const int CountBits = 4;

    private readonly Lock _gate = new();
    private readonly TaskCompletionSource<OriginAnswer> _answer = new();
    private readonly long _start = parts.Time.GetTimestamp();
    private UpstreamAttempt? _first;
    private UpstreamAttempt? _last;
    private ulong _asked;
    private uint _unable;
    private int _waiting;
    private bool _over;
    private ExtendedErrorCode _code = ExtendedErrorCode.NetworkError;
    private string _trouble = "";
    private byte[]? _extendedError;

    /// <summary>The answer, or why there is none. It comes on the thread that received it.</summary>
    public Task<OriginAnswer> RunAsync(CancellationToken deadline)
    {
        if (!AskNext())
        {
            upstreams.Hurry();
            return Task.FromResult(Failure());
        }

        AskForComparison();
        return deadline.CanBeCanceled ? UntilAsync(deadline) : _answer.Task;
    }

    private async Task<OriginAnswer> UntilAsync(CancellationToken deadline)
    {
        using var ended = deadline.UnsafeRegister(static inquiry => ((Inquiry)inquiry!).GiveUp(), this);
        return await _answer.Task.ConfigureAwait(false);
    }

    void IAttemptOwner.OnReply(UpstreamAttempt attempt, in UpstreamReply reply)
    {
        var answer = Read(attempt, reply);
        lock (_gate)
        {
            _waiting--;
            if (_over)
            {
                return;
            }

            _over = answer is not null;
        }

        if (answer is not null)
        {
            parts.Clock.Stop(this);
            TellSlower(attempt);
            _answer.TrySetResult(answer);
        }
        else if (!AskNext() && Volatile.Read(ref _waiting) == 0)
        {
            GiveUp();
        }
    }

    protected internal override void OnAlarm()
    {
        if (parts.Time.GetElapsedTime(_start) >= options.TotalTimeout)
        {
            GiveUp();
            return;
        }

        if ((_last ?? _first) is { IsOver: false } late)
        {
            late.Upstream.OnLate(late);
        }

        if (!AskNext(isLate: true) && !Volatile.Read(ref _over))
        {
            SetAlarm(options.TotalTimeout);
        }
    }

    // The quickest of those asked least. False when there is none left to ask.
    private bool AskNext(bool isLate = false)
    {
        int next;
        lock (_gate)
        {
            next = _over ? -1 : Quickest(isLate);
            if (next < 0)
            {
                return false;
            }

            Take(next);
        }

        var upstream = upstreams.All[next];
        SetAlarm(CountOf(next) == 1 ? upstream.Patience : upstream.Patience * 3);
        Send(upstream, next);
        return true;
    }

    private int Quickest(bool isLate)
    {
        var best = -1;
        for (var i = 0; i < upstreams.All.Length; i++)
        {
            var upstream = upstreams.All[i];
            if (upstream.IsDown || (_unable >> i & 1) != 0 || CountOf(i) >= options.Rounds)
            {
                continue;
            }

            // On a connection nothing gets lost: who has the question already need not hear it twice.
            if (isLate && CountOf(i) > 0 && upstream.Server.Protocol != UpstreamProtocol.Plain)
            {
                continue;
            }

            if (best < 0 || CountOf(i) < CountOf(best) || (CountOf(i) == CountOf(best) && upstream.Rank < upstreams.All[best].Rank))
            {
                best = i;
            }
        }

        return best;
    }

    // Who was never asked is asked beside the first one, and now and then so is another: nobody waits for a measurement.
    private void AskForComparison()
    {
        var compare = upstreams.IsForComparison();
        for (var i = 0; i < upstreams.All.Length; i++)
        {
            var upstream = upstreams.All[i];
            if (upstream.IsDown || (!compare && !upstream.WantsMeasuring))
            {
                continue;
            }

            lock (_gate)
            {
                if (_over || CountOf(i) > 0)
                {
                    continue;
                }

                Take(i);
            }

            Send(upstream, i);
        }
    }

    private void Take(int index)
    {
        _asked += 1ul << (index * CountBits);
        _waiting++;
    }

    private int CountOf(int index) => (int)(_asked >> (index * CountBits) & 0xF);

    private void Send(Upstream upstream, int index)
    {
        var attempt = upstream.Begin(key, index, this);
        _last = _first is null ? _last : attempt;
        _first ??= attempt;
        upstream.Ask(attempt);
    }

    private void SetAlarm(TimeSpan patience)
    {
        var left = options.TotalTimeout - parts.Time.GetElapsedTime(_start);
        parts.Clock.Set(this, patience < left ? patience : left);
    }

    // Those who are still at it have been overtaken.
    private void TellSlower(UpstreamAttempt winner)
    {
        if (_first is { IsOver: false } first && first != winner)
        {
            first.Upstream.OnOvertaken(first);
        }

        if (_last is { IsOver: false } last && last != winner)
        {
            last.Upstream.OnOvertaken(last);
        }
    }

    private void GiveUp()
    {
        lock (_gate)
        {
            if (_over)
            {
                return;
            }

            _over = true;
        }

        parts.Clock.Stop(this);
        _answer.TrySetResult(Failure());
    }

    private OriginAnswer? Read(UpstreamAttempt attempt, in UpstreamReply reply)
    {
        var server = attempt.Upstream.Text;
        if (reply.Kind != ReplyKind.Message)
        {
            _code = reply.Kind == ReplyKind.Unreachable ? ExtendedErrorCode.NetworkError : ExtendedErrorCode.NoReachableAuthority;
            _trouble = $"{server}: {reply.Error}";
            return null;
        }

        if (MessageHeader.TryRead(reply.Message, out var header) && header.QuestionCount == 1)
        {
            // Names compressed against the question would carry the random case we sent into the cache.
            key.Name.Wire.CopyTo(reply.Message.AsSpan(MessageHeader.Length));
        }

        if (PlainAnswer.IsOne(key, reply.Message))
        {
            return OriginAnswer.Of(reply.Message, server);
        }

        if (!Message.TryParse(reply.Message, out var message, out var error))
        {
            error = $"malformed reply, {error}";
        }
        else if (message.Rcode is Rcode.NoError or Rcode.NxDomain)
        {
            error = (message.Flags & MessageFlags.Truncated) != 0 ? "the reply is truncated where it need not be" : RecordShape.Flaw(message.Answer);
            if (error is null)
            {
                return OriginAnswer.Of(message, server);
            }
        }

        // What it says once it says again: it is not asked twice.
        lock (_gate)
        {
            _unable |= 1u << attempt.Index;
            _code = ExtendedErrorCode.NoReachableAuthority;
            _trouble = $"{server}: {error ?? message!.Rcode.ToString()}";
            _extendedError ??= message is null ? null : ExtendedErrorOf(message);
        }

        return null;
    }

    private OriginAnswer Failure()
    {
        if (upstreams.All.IsEmpty)
        {
            return OriginAnswer.Failed(ExtendedErrorCode.NoReachableAuthority, "no upstream is configured", wasAsked: false);
        }

        return _extendedError is not null ? OriginAnswer.Failed(_extendedError)
            : _asked != 0 ? OriginAnswer.Failed(_code, _trouble)
            : OriginAnswer.Failed(ExtendedErrorCode.NetworkError, "no upstream can be reached", wasAsked: false);
    }

    // A validating upstream's reason ("DNSSEC bogus") is worth more than that it failed.
    private static byte[]? ExtendedErrorOf(Message message)
    {
        foreach (var option in message.Edns?.Options ?? [])
        {
            if (option.Code == EdnsOption.ExtendedErrorOption && option.Data.Length is >= 2 and <= 256)
            {
                return [0, (byte)option.Code, (byte)(option.Data.Length >> 8), (byte)option.Data.Length, .. option.Data.Span];
            }
        }

        return null;
    }
}
