using System.Collections.Immutable;

namespace Edge.Streams;

/// <summary>The destinations of a service, which take turns.</summary>
internal sealed class StreamDestinations(ImmutableArray<StreamDestination> all)
{
    /// <summary>How long one is left out to which no connection came about.</summary>
    public static readonly TimeSpan Rest = TimeSpan.FromSeconds(10);

    private int _turn = -1;

    public ImmutableArray<StreamDestination> All => all;

    /// <summary>All of them in the order in which to try them: each once, those that failed lately last.</summary>
    public IEnumerable<StreamDestination> InTurn(TimeProvider time)
    {
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)all.Length);
        var turned = all.Skip(first).Concat(all.Take(first));
        return all.Length == 1 ? all : turned.OrderBy(destination => destination.Rests(time));
    }
}
