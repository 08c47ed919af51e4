using Edge.Dns.Filtering;

namespace Edge.Dns.Nameserver;

/// <summary>What the filter says of one question.</summary>
/// <param name="Policy">The policy that said it; null when nothing is filtered.</param>
/// <param name="Verdict">What it said.</param>
/// <param name="Client">For whom.</param>
internal readonly record struct JudgedQuestion(FilterPolicy? Policy, FilterVerdict Verdict, ClientAddress Client)
{
    /// <summary>The answer that the settings have for the name; null when they have none.</summary>
    public CustomAnswer? Answer => Verdict.Kind == VerdictKind.Answered ? Policy!.Rules.Answers[Verdict.Answer] : null;

    /// <summary>Whether that is another name's answer, which takes longer.</summary>
    public bool LeadsElsewhere => Answer is { Target: not null };
}
