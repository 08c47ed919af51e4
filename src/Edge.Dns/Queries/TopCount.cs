namespace Edge.Dns.Queries;

/// <summary>A thing that is counted, and its place among the others.</summary>
internal sealed class TopCount
{
    public required UInt128 Key { get; set; }

    /// <summary>What it is called; null while nobody has said so.</summary>
    public string? Name { get; set; }

    public required long Count { get; set; }

    public required int Place { get; set; }
}
