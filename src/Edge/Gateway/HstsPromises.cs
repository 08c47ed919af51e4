using System.Collections.Concurrent;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Sends Strict-Transport-Security (RFC 6797) where it does no harm: over HTTPS, with a certificate that browsers trust, and
/// for a short time first. A browser that has seen it offers no way past a bad certificate.
/// </summary>
internal sealed class HstsPromises
{
    // Until when what is sent is the first and the second of HstsRule.Steps.
    private static readonly TimeSpan[] Ends = [TimeSpan.FromDays(1), TimeSpan.FromDays(8)];

    // Where a route takes any host, clients think of names: those beyond have the first step for good.
    private const int MostHosts = 10_000;

    private readonly Func<ReadOnlySpan<char>, bool> _isTrusted;
    private readonly HstsFile? _file;
    private readonly TimeProvider _time;
    private readonly Lock _keeping = new();
    private readonly ConcurrentDictionary<string, DateTimeOffset> _since;
    private int _count;
    private bool _isLeft;

    /// <param name="isTrusted">Whether a host has a certificate of its own that everybody trusts.</param>
    /// <param name="file">Keeps since when hosts have it; null to keep nothing.</param>
    /// <param name="time">The clock.</param>
    public HstsPromises(Func<ReadOnlySpan<char>, bool> isTrusted, HstsFile? file, TimeProvider time)
    {
        (_isTrusted, _file, _time) = (isTrusted, file, time);
        _since = file?.Load() ?? new(StringComparer.Ordinal);
        _count = _since.Count;
    }

    /// <summary>Puts the header into the answer, if it may be there.</summary>
    /// <param name="context">The request.</param>
    /// <param name="rule">What the route says.</param>
    public void Promise(HttpContext context, HstsRule rule)
    {
        // RFC 6797 §7.2: never over plain HTTP.
        if (context.Request.IsHttps && ValueFor(HostText.Of(context.Request), rule, ForwardedChain.Of(context) is not null) is { } value)
        {
            Send(context, value);
        }
    }

    /// <summary>What the header says in an answer over HTTPS; null where it may not be there.</summary>
    /// <param name="asked">The Host header.</param>
    /// <param name="rule">What the route says.</param>
    /// <param name="isProxied">What browsers see is the certificate of a proxy before us, of which nothing is known here.</param>
    public string? ValueFor(ReadOnlySpan<char> asked, HstsRule rule, bool isProxied)
    {
        Span<char> buffer = stackalloc char[HostText.Longest];
        var host = HostText.Normalise(asked, buffer);
        if (rule.IsOff)
        {
            Forget(host);
            return rule.Steps[0];
        }

        if (rule.IsForced || (!isProxied && _isTrusted(host)))
        {
            return rule.Steps[Step(AgeOf(host))];
        }

        // It has not proven itself after all.
        Forget(host);
        return null;
    }

    /// <summary>Keeps what has changed.</summary>
    public void Keep()
    {
        lock (_keeping)
        {
            if (!_isLeft)
            {
                _file?.Save(_since);
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

    private TimeSpan AgeOf(ReadOnlySpan<char> host)
    {
        var (now, hosts) = (_time.GetUtcNow(), _since.GetAlternateLookup<ReadOnlySpan<char>>());
        if (hosts.TryGetValue(host, out var since))
        {
            return now - since;
        }

        if (Volatile.Read(ref _count) < MostHosts && hosts.TryAdd(host, now))
        {
            Interlocked.Increment(ref _count);
        }

        return TimeSpan.Zero;
    }

    private void Forget(ReadOnlySpan<char> host)
    {
        // Mostly it is not there, which takes no lock to see.
        var hosts = _since.GetAlternateLookup<ReadOnlySpan<char>>();
        if (hosts.ContainsKey(host) && hosts.TryRemove(host, out _))
        {
            Interlocked.Decrement(ref _count);
        }
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
