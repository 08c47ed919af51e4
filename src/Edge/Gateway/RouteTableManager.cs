using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// The one writer of the route table: puts together what services and route files say. Only what changed is built
/// anew; what cannot be served is left out or kept as it was, and told in <see cref="Problems"/>.
/// </summary>
internal sealed partial class RouteTableManager(ServiceEntries services, YarpEntries files, ILogger<RouteTableManager> logger) : IServiceReader
{
    private readonly Lock _writing = new();
    private volatile RouteTable _current = RouteTable.Empty;
    private ImmutableArray<Problem> _problems = [];

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

    /// <summary>How many routes the latest change built anew.</summary>
    public int Rebuilt { get; private set; }

    public void Apply(ServiceSet set)
    {
        lock (_writing)
        {
            Publish(services.Apply(set));
        }
    }

    /// <summary>Takes what the route files in YARP's shape say now.</summary>
    /// <param name="said">What each file says.</param>
    /// <param name="unreadable">What is wrong with files that could not be read at all.</param>
    public void Apply(ImmutableArray<YarpFile> said, ImmutableArray<Problem> unreadable)
    {
        lock (_writing)
        {
            Publish(files.Apply(said, unreadable));
        }
    }

    private void Publish(RouteChanges changes)
    {
        var before = _problems;
        Rebuilt = changes.Built;
        _current = _current.With(changes.Gone, changes.Come);
        _problems = [.. services.Problems, .. files.Problems];
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
