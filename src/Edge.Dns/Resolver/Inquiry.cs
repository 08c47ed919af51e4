using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>One question put to the upstreams in turn until one knows or the time is over.</summary>
internal sealed class Inquiry(UpstreamSet upstreams, int rounds, QuestionKey key)
{
    private readonly HashSet<Upstream> _unable = [];
    private ExtendedErrorCode _code = ExtendedErrorCode.NetworkError;
    private string _trouble = "";
    private byte[]? _extendedError;
    private bool _asked;

    /// <summary>The answer, or why there is none.</summary>
    public async Task<OriginAnswer> RunAsync(CancellationToken deadline)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var upstream in upstreams.InOrder())
            {
                if (deadline.IsCancellationRequested || _unable.Contains(upstream))
                {
                    continue;
                }

                _asked = true;
                var reply = await upstream.AskAsync(key, deadline).ConfigureAwait(false);
                if (Read(upstream, reply) is { } message)
                {
                    return OriginAnswer.Of(message, upstream.EndPoint.ToString());
                }
            }
        }

        return Failure();
    }

    private Message? Read(Upstream upstream, UpstreamReply reply)
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

        return message;
    }

    private OriginAnswer Failure()
    {
        if (upstreams.All.IsEmpty)
        {
            return OriginAnswer.Failed(ExtendedErrorCode.NoReachableAuthority, "no upstream is configured", wasAsked: false);
        }

        return _extendedError is not null ? OriginAnswer.Failed(_extendedError)
            : _asked ? OriginAnswer.Failed(_code, _trouble)
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
