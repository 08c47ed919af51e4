using System.Collections.Immutable;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>What reading a zone file gathers, over all the files it includes.</summary>
internal sealed class ZoneFileOutput(int expected)
{
    private bool _stopped;

    public PackedRecordsBuilder Records { get; } = new(expected);

    public List<ZoneProblem> Problems { get; } = [];

    public List<string> Included { get; } = [];

    /// <summary>How many errors there are; once reading was given up, more than any limit.</summary>
    public int Errors { get; private set; }

    /// <summary>Notes a problem; warnings beyond the limit are left out, they would all say the same.</summary>
    public void Add(ZoneProblem problem)
    {
        Errors += problem.IsError && !_stopped ? 1 : 0;
        if (problem.IsError || Problems.Count < ZoneFileLimits.MaxErrors)
        {
            Problems.Add(problem);
        }
    }

    /// <summary>Notes once that reading was given up.</summary>
    public void Stop(ZoneProblem last)
    {
        if (!_stopped)
        {
            (_stopped, Errors) = (true, int.MaxValue);
            Problems.Add(last);
        }
    }

    public ZoneFileResult ToResult() => new(Records.Build(), [.. Problems], [.. Included.Distinct(StringComparer.Ordinal)]);
}
