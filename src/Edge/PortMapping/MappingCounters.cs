namespace Edge.PortMapping;

/// <summary>How often mappings were asked for, by what became of it.</summary>
internal sealed class MappingCounters
{
    private readonly long[] _counts = new long[Enum.GetValues<MapOutcome>().Length];

    public long this[MapOutcome outcome] => Interlocked.Read(ref _counts[(int)outcome]);

    public void Count(MapOutcome outcome) => Interlocked.Increment(ref _counts[(int)outcome]);
}
