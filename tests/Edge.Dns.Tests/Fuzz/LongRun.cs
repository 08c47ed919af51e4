using System.Diagnostics;
using System.Globalization;

namespace Edge.Dns.Tests.Fuzz;

/// <summary>How long a search goes on: for a number of turns in the gate, for EDGE_FUZZ_SECONDS when somebody has the time.</summary>
public sealed class LongRun
{
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly int _turns;
    private readonly double _share;
    private int _turn;

    /// <param name="turns">How often, when no time is given.</param>
    /// <param name="share">The part of the time that is this search's.</param>
    public LongRun(int turns, double share = 1) => (_turns, _share) = (turns, share);

    /// <summary>The time asked for in the environment; null when none is.</summary>
    public static TimeSpan? Time { get; } = int.TryParse(Environment.GetEnvironmentVariable("EDGE_FUZZ_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)
        ? TimeSpan.FromSeconds(seconds) : null;

    /// <summary>The same search at every run of the gate; another one each time there is time.</summary>
    public static int Seed(int seed) => Time is null ? seed : Environment.TickCount ^ seed;

    public bool GoesOn() => Time is { } time ? _watch.Elapsed < time * _share : _turn++ < _turns;
}
