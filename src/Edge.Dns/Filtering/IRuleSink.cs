namespace Edge.Dns.Filtering;

/// <summary>Takes the rules of a list, line by line.</summary>
internal interface IRuleSink
{
    /// <summary>A rule about a name.</summary>
    /// <param name="line">Its line, from 1.</param>
    /// <param name="name">The name, good until the call ends.</param>
    /// <param name="kind">What it does.</param>
    void Add(int line, ref readonly NameKeys name, RuleKind kind);

    /// <summary>A rule with conditions about a name, or about every name when that is the root.</summary>
    void Add(int line, ref readonly NameKeys name, ConditionalRule rule);

    /// <summary>A line that cannot be used.</summary>
    /// <param name="line">Its line.</param>
    /// <param name="why">Why, for the person who reads the list; null where the line is not about DNS at all.</param>
    void Skip(int line, string? why);
}
