namespace Edge.Dns.Queries;

/// <summary>What is remembered of the queries, where, and for how long.</summary>
public sealed record QueryLogOptions
{
    /// <summary>The longest that a query is remembered in memory.</summary>
    public static readonly TimeSpan LongestAge = TimeSpan.FromHours(1);

    /// <summary>The least memory that can be given to it.</summary>
    public const int LeastMemory = 1 << 20;

    /// <summary>Whether queries are recorded at all.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>The most memory that queries take, in bytes.</summary>
    public int Memory { get; init; } = 8 << 20;

    /// <summary>How long they are remembered; <see cref="LongestAge"/> at most.</summary>
    public TimeSpan Age { get; init; } = LongestAge;

    /// <summary>What is kept of a client's address.</summary>
    public ClientDisplay Clients { get; init; }

    /// <summary>A file that every query is written to, a full path; null for none.</summary>
    public string? File { get; init; }

    /// <summary>How long files are kept after they were put aside.</summary>
    public TimeSpan KeepFiles { get; init; } = TimeSpan.FromDays(7);

    /// <summary>A file of this many bytes is put aside before its day is over.</summary>
    public long LargestFile { get; init; } = 100 << 20;
}
