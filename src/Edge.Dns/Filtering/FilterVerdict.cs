namespace Edge.Dns.Filtering;

/// <summary>What is to be done with a question, and who says so.</summary>
/// <param name="Kind">What is to be done.</param>
/// <param name="Rule">What the rule says; for an explanation.</param>
/// <param name="Source">The source of the rule; -1 for the hours of a group, or where there is no rule.</param>
/// <param name="Group">The group of the client, as a number of the policy.</param>
/// <param name="Answer">The answer of the settings, as a number of the policy; -1 for none.</param>
public readonly record struct FilterVerdict(VerdictKind Kind, RuleKind Rule = RuleKind.Block, int Source = -1, int Group = 0, int Answer = -1);
