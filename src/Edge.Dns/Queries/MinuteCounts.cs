namespace Edge.Dns.Queries;

/// <summary>What is counted of one minute.</summary>
internal sealed class MinuteCounts
{
    public long Queries { get; set; }

    public long Blocked { get; set; }
}
