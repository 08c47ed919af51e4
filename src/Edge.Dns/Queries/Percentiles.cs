namespace Edge.Dns.Queries;

/// <summary>Within how many microseconds half, nine tenths and 99 of 100 answers came, rounded up by a quarter at most.</summary>
/// <param name="Answers">How many answers that is said of.</param>
/// <param name="P50">Half of them.</param>
/// <param name="P90">Nine of ten.</param>
/// <param name="P99">99 of 100.</param>
public sealed record Percentiles(long Answers, long P50, long P90, long P99);
