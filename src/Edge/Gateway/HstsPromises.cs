using System.Collections.Concurrent;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Sends Strict-Transport-Security (RFC 6797) where it does no harm: over HTTPS, with a certificate that browsers trust, and
/// for a short time first. A browser that has seen it offers no way past a bad certificate.
/// </summary>
/// <param name="isTrusted">Whether a host has a certificate of its own that everybody trusts.</param>
/// <param name="file">Keeps since when routes send it; null to keep nothing.</param>
/// <param name="time">The clock.</param>
internal sealed class HstsPromises(Func<ReadOnlySpan<char>, bool> isTrusted, HstsFile? file, TimeProvider time)
{
    // Until when what is sent is the first and the second of HstsRule.Steps.
    private static readonly TimeSpan[] Ends = [TimeSpan.FromDays(1), TimeSpan.FromDays(8)];

    private readonly Lock _keeping = new();
    private bool _isLeft;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _since = file?.Load() ?? new(StringComparer.Ordinal);

    /// <summary>Puts the header into the answer, if it may be there.</summary>
    /// <param name="context">The request.</param>
    /// <param name="route">The route that takes it.</param>
    /// <param name="rule">What the route says.</param>
    public void Promise(HttpContext context, string route, HstsRule rule)
    {
        // RFC 6797 §7.2: never over plain HTTP.
        if (!context.Request.IsHttps)
        {
            return;
        }

        if (rule.IsOff)
        {
            _since.TryRemove(route, out _);
            Send(context, rule.Steps[0]);
        }
        else if (rule.IsForced || IsTrusted(context))
        {
            Send(context, rule.Steps[Step(time.GetUtcNow() - _since.GetOrAdd(route, static (_, now) => now, time.GetUtcNow()))]);
        }
        else
        {
            // It has not proven itself after all.
            _since.TryRemove(route, out _);
        }
    }

    /// <summary>Keeps what has changed.</summary>
    public void Keep()
    {
        lock (_keeping)
        {
            if (!_isLeft)
            {
                file?.Save(_since);
            }
        }
    }

    /// <summary>The same for the last time: from now on the file is another process's.</summary>
    public void KeepLast()
    {
        Keep();
        lock (_keeping)
        {
            _isLeft = true;
        }
    }

    // What browsers see of a proxy before us is its certificate, of which nothing is known here.
    private bool IsTrusted(HttpContext context)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        return ForwardedChain.Of(context) is null && isTrusted(HostText.Normalise(HostText.Of(context.Request), buffer));
    }

    private static int Step(TimeSpan age)
    {
        var step = Array.FindIndex(Ends, end => age < end);
        return step < 0 ? Ends.Length : step;
    }

    // At the end, so that it stands in pages of the gateway as well, and in the place of what the service says.
    private static void Send(HttpContext context, string value) => context.Response.OnStarting(
        static state =>
        {
            var (response, text) = ((HttpResponse, string))state;
            response.Headers.StrictTransportSecurity = text;
            return Task.CompletedTask;
        },
        (context.Response, value));
}
