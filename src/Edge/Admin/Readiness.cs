using Edge.Dns.Wire;
using Microsoft.AspNetCore.Http;

namespace Edge.Admin;

/// <summary>
/// GET /readyz: whether this box may be given work: names are answered, the gateway's listeners are open, routes are loaded, and
/// nobody has told it to stop. /healthz says only that the process lives.
/// </summary>
internal sealed class Readiness(AdminParts parts, CancellationToken stopping)
{
    private volatile bool _started;

    /// <summary>Everything is open: listeners of the gateway and of DNS, zones and routes.</summary>
    public void Started() => _started = true;

    /// <summary>What is missing; nothing in a box that is ready.</summary>
    public IEnumerable<string> Missing()
    {
        if (stopping.IsCancellationRequested)
        {
            yield return "Edge is stopping";
        }
        else if (!_started)
        {
            yield return "Edge is starting: not all listeners are open, or routes loaded";
        }

        // The zone of the box itself is there from the start on, unless it comes from another server that was not reached yet.
        var zones = parts.Names.Zones.Current;
        if (!Enumerable.Range(0, zones.Views.Length).Any(view => zones.Find(view, Name.Parse(parts.Options.NodeHost).Wire) is not null))
        {
            yield return $"no zone is served that holds {parts.Options.NodeHost}";
        }
    }

    /// <summary>200 and "ready", or 503 and what is missing.</summary>
    public Task AnswerAsync(HttpContext context)
    {
        string[] missing = [.. Missing()];
        context.Response.Headers.CacheControl = "no-store";
        context.Response.StatusCode = missing.Length == 0 ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        return context.Response.WriteAsync(missing.Length == 0 ? "ready\n" : string.Concat(missing.Select(text => $"not ready: {text}\n")), context.RequestAborted);
    }
}
