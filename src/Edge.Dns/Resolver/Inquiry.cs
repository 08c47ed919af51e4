using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>One question put to the upstreams in turn until one knows or the time is over.</summary>
internal sealed class Inquiry(ForwarderSetup setup, QuestionKey key, int failuresBefore)
{
    private readonly HashSet<Upstream> _unable = [];
    private ExtendedErrorCode _code = ExtendedErrorCode.NetworkError;
    private string _trouble = "";
    private byte[]? _extendedError;
    private bool _asked;

    /// <summary>The answer, or a SERVFAIL that says why there is none.</summary>
    public async Task<CachedAnswer> RunAsync(TimeProvider time, CancellationToken stop)
    {
        var options = setup.Options;
        using var timer = new CancellationTokenSource(options.TotalTimeout, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stop);
        for (var round = 0; round < options.Rounds; round++)
        {
            foreach (var upstream in setup.Upstreams.InOrder())
            {
                if (deadline.IsCancellationRequested || _unable.Contains(upstream))
                {
                    continue;
                }

                _asked = true;
                var reply = await upstream.AskAsync(key, deadline.Token).ConfigureAwait(false);
                if (Read(upstream, reply) is { } answer)
                {
                    return answer;
                }
            }
        }

        return Failure();
    }

    private CachedAnswer? Read(Upstream upstream, UpstreamReply reply)
    {
        if (reply.Kind != ReplyKind.Message)
        {
            _code = reply.Kind == ReplyKind.Unreachable ? ExtendedErrorCode.NetworkError : ExtendedErrorCode.NoReachableAuthority;
            _trouble = $"{upstream.EndPoint}: {reply.Error}";
            return null;
        }

        // What it says once it says again: it is not asked twice.
        _unable.Add(upstream);
        _code = ExtendedErrorCode.NoReachableAuthority;
        if (MessageHeader.TryRead(reply.Message, out var header) && header.QuestionCount == 1)
        {
            // Names compressed against the question would carry the random case we sent into the cache.
            key.Name.Wire.CopyTo(reply.Message.AsSpan(MessageHeader.Length));
        }

        if (!Message.TryParse(reply.Message, out var message, out var error))
        {
            _trouble = $"{upstream.EndPoint}: malformed reply, {error}";
            return null;
        }

        if (message.Rcode is not (Rcode.NoError or Rcode.NxDomain))
        {
            _trouble = $"{upstream.EndPoint}: {message.Rcode}";
            _extendedError ??= ExtendedErrorOf(message);
            return null;
        }

        var answer = setup.Scrubber.Scrub(key, message, out error);
        if (answer is null)
        {
            _trouble = $"{upstream.EndPoint}: {error}";
        }

        return answer;
    }

    private CachedAnswer Failure()
    {
        if (setup.Upstreams.All.IsEmpty)
        {
            return AnswerBuilder.Failure(key, Rcode.ServFail, ExtendedErrorCode.NoReachableAuthority, "no upstream is configured");
        }

        if (!_asked)
        {
            // Nobody was asked, so there is nothing to remember about this name: the upstreams' state is the memory.
            return AnswerBuilder.Failure(key, Rcode.ServFail, ExtendedErrorCode.NetworkError, "no upstream can be reached");
        }

        // RFC 9520 §3.2: a failure is remembered for one second at least and five minutes at most, with backoff.
        var lifetime = TimeSpan.FromSeconds(Math.Min(1L << Math.Min(failuresBefore, 20), setup.Options.MaxFailureTtl.TotalSeconds));
        var option = _extendedError ?? AnswerBuilder.ErrorOption(_code, _trouble);
        return AnswerBuilder.Build(key, Rcode.ServFail, [], [], key.Type, lifetime, option, failuresBefore + 1)!;
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
