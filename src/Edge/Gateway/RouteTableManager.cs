using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// The one writer of the route table: puts together what services and route files say. Only what changed is built
/// anew; what cannot be served is left out or kept as it was, and told in <see cref="Problems"/>.
/// </summary>
internal sealed partial class RouteTableManager(ServiceEntries services, YarpEntries files, GatewayOptions options, ILogger<RouteTableManager> logger) : IServiceReader
{
    private readonly Lock _writing = new();
    private OvershadowedRoutes _overshadowed = new();
    private RedirectCircles _redirects = new(options);
    private volatile RouteTable _current = RouteTable.Empty;
    private ImmutableArray<Problem> _problems = [];

    // While a change is taken: one that breaks off leaves in the table what is kept no more, or not what is.
    private bool _isChanging;

    /// <summary>What requests go by.</summary>
    public RouteTable Current => _current;

    /// <summary>Everything that is wrong with the routes in force or wanted.</summary>
    public ImmutableArray<Problem> Problems
    {
        get
        {
            lock (_writing)
            {
                return _problems;
            }
        }
    }

    /// <summary>Of that, what is wrong with the files in YARP's shape.</summary>
    public ImmutableArray<Problem> FileProblems
    {
        get
        {
            lock (_writing)
            {
                return files.Problems;
            }
        }
    }

    /// <summary>What keeps routes from getting requests of a host, though they ask for it or for a wildcard above it.</summary>
    public ImmutableArray<Problem> OvershadowedAt(string host)
    {
        var above = Enumerable.Range(0, host.Length).Where(at => host[at] == '.').Select(at => new HostPattern(host[(at + 1)..], true, null));
        lock (_writing)
        {
            return [.. above.Prepend(new HostPattern(host, false, null)).Append(HostPattern.Any).SelectMany(_overshadowed.Of)];
        }
    }

    /// <summary>How many routes the latest change built anew.</summary>
    public int Rebuilt { get; private set; }

    public void Apply(ServiceSet set)
    {
        lock (_writing)
        {
            Take(() => services.Apply(set));
        }
    }

    /// <summary>Takes what the route files in YARP's shape say now.</summary>
    /// <param name="said">What each file says.</param>
    /// <param name="unreadable">What is wrong with files that could not be read at all.</param>
    public void Apply(ImmutableArray<YarpFile> said, ImmutableArray<Problem> unreadable)
    {
        lock (_writing)
        {
            Take(() => files.Apply(said, unreadable));
        }
    }

    // The one after a change that broke off makes the table anew, of everything that is kept.
    private void Take(Func<RouteChanges> change)
    {
        var isAnew = _isChanging;
        _isChanging = true;
        if (isAnew)
        {
            services.Recount();
            _overshadowed = new OvershadowedRoutes();
            _redirects = new RedirectCircles(options);
        }

        var changes = change();
        Publish(isAnew ? RouteTable.Empty : _current, isAnew ? new RouteChanges([], [.. services.All, .. files.All], changes.Built) : changes);
        _isChanging = false;
    }

    private void Publish(RouteTable from, RouteChanges changes)
    {
        var before = _problems;
        Rebuilt = changes.Built;
        _current = from.With(changes.Gone, changes.Come);
        _overshadowed.Look(_current, [.. changes.Gone, .. changes.Come.Select(route => route.Entry)]);
        _redirects.Look(_current, changes);
        _problems = [.. services.Problems, .. files.Problems, .. _overshadowed.Problems, .. _redirects.Problems];
        foreach (var problem in _problems.Except(before))
        {
            Log.Problem(logger, problem);
        }

        Log.Changed(logger, changes.Gone.Count, changes.Come.Count, Rebuilt);
    }

    private static partial class Log
    {
        [LoggerMessage(5010, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, Problem problem);

        [LoggerMessage(5011, LogLevel.Debug, "{Gone} routes went, {Come} came; {Rebuilt} were built")]
        public static partial void Changed(ILogger logger, int gone, int come, int rebuilt);
    }
}
