using System.Net;
using System.Text;
using Edge.Admin.Reports;
using Edge.Dns.Filtering;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Names.Filtering;

namespace Edge.Admin;

/// <summary>
/// Says which rule decides about a name for a client, and how to have it otherwise. The rule's line is looked for in
/// the list when somebody asks: nothing of that is kept in memory.
/// </summary>
internal sealed class FilterExplainer(FilterManager filter, Forwarder forwarder)
{
    private static readonly RecordType[] Types = [RecordType.A, RecordType.AAAA, RecordType.HTTPS];
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What the filter says of a name that is not ours.</summary>
    public async Task<ExplainedFilter> ExplainAsync(Name name, IPAddress client, CancellationToken cancel)
    {
        var policy = filter.Policy;
        var (verdict, type) = Judge(policy, name, client);
        if (verdict.Kind == VerdictKind.Answered)
        {
            var answer = policy.Rules.Answers[verdict.Answer];
            var data = answer.Target?.ToHostString() ?? string.Join(", ", answer.Addresses);
            return new ExplainedFilter("answered", GroupOf(policy, verdict), $"filter.answers gives {answer.Name.ToHostString()} the answer {data}", answer.Name.ToHostString(), "filter.answers");
        }

        if (verdict.Kind == VerdictKind.Blocked)
        {
            return Decided(policy, name, name, client, type, verdict);
        }

        foreach (var target in await TargetsAsync(name, cancel))
        {
            var (leads, targetType) = Judge(policy, target, client);
            if (policy.BlocksBy(verdict, leads))
            {
                return Decided(policy, name, target, client, targetType, leads) with { LeadsTo = target.ToHostString() };
            }
        }

        if (verdict.Kind == VerdictKind.Allowed)
        {
            return Decided(policy, name, name, client, type, verdict);
        }

        var paused = filter.PausedUntil is { } until ? $"; the filter pauses until {until.ToLocalTime():HH:mm}" : "";
        return new ExplainedFilter("passed", GroupOf(policy, verdict), $"no rule that counts for this client now is about it{paused}");
    }

    /// <summary>Whether the settings have an answer of their own for a name.</summary>
    public bool HasAnswer(Name name) => filter.Policy.Judge(name.Wire, RecordType.A, IPAddress.Loopback.MapToIPv6().GetAddressBytes()).Kind == VerdictKind.Answered;

    // A rule may be about one type only.
    private static (FilterVerdict Verdict, RecordType Type) Judge(FilterPolicy policy, Name name, IPAddress client)
    {
        var address = client.MapToIPv6().GetAddressBytes();
        return Types.Select(type => (Verdict: policy.Judge(name.Wire, type, address), type)).MaxBy(pair => pair.Verdict.Kind == VerdictKind.None ? 0 : 1);
    }

    private ExplainedFilter Decided(FilterPolicy policy, Name asked, Name about, IPAddress client, RecordType type, FilterVerdict verdict)
    {
        var group = GroupOf(policy, verdict);
        var state = verdict.Kind == VerdictKind.Blocked ? "blocked" : "allowed";
        if (verdict.Source < 0)
        {
            return new ExplainedFilter(state, group, $"in these hours everything is blocked that is not allowed in the settings", Source: $"filter.groups.{group}.schedule", ToAllow: ToAllow(asked, group));
        }

        var source = policy.Rules.Sources[verdict.Source];
        var nearest = source.Tier == FilterTier.Group ? group : null;
        var allow = verdict.Kind == VerdictKind.Blocked ? ToAllow(asked, nearest) : null;
        var leads = asked == about ? "" : $"its answer leads to {about.ToHostString()}, which is ";
        if (source.Tier != FilterTier.List)
        {
            var own = FindIn(new MemoryStream(Encoding.UTF8.GetBytes(filter.TextOf(source) ?? "")), source, about, type, client, verdict);
            return new ExplainedFilter(state, group, $"{leads}{state} by \"{own?.Text}\" under {source.Name} in edge.yaml", own?.Text, source.Name, ToAllow: allow);
        }

        var list = filter.Lists.FirstOrDefault(list => list.Options.Name == source.Name);
        var found = list is null ? null : Find(list, source, about, type, client, verdict);
        var where = found is null ? "" : $", line {found.Line}{(list!.Options.Url is null ? "" : $" of its copy {list.ShownAs}")}";
        return new ExplainedFilter(
            state, group, $"{leads}{state} by {(found is null ? "a rule" : $"\"{found.Text}\"")} of the list {source.Name} ({list?.Options.From}{where})", found?.Text, source.Name, list?.ShownAs, found?.Line, ToAllow: allow);
    }

    private static FoundRule? Find(KnownList list, FilterSource source, Name name, RecordType type, IPAddress client, FilterVerdict verdict)
    {
        try
        {
            using var text = list.Open();
            return text is null ? null : FindIn(text, source, name, type, client, verdict);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static FoundRule? FindIn(Stream text, FilterSource source, Name name, RecordType type, IPAddress client, FilterVerdict verdict) =>
        FilterList.Find(text, source.Syntax, name, type, client, verdict);

    // What the name stands for, as the world says it now.
    private async Task<IEnumerable<Name>> TargetsAsync(Name name, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        try
        {
            var answer = await forwarder.AskAsync(name, RecordType.A, deadline.Token);
            return answer.Answer.Where(record => record.Type == RecordType.CNAME).Select(record => Name.FromWire(record.Data.Wire));
        }
        catch (Exception wrong) when (wrong is FormatException || (wrong is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return [];
        }
    }

    private static string ToAllow(Name name, string? group) => group is null
        ? $"filter: {{ allow: [{name.ToHostString()}] }}"
        : $"filter: {{ groups: {{ {group}: {{ allow: [{name.ToHostString()}] }} }} }}";

    private static string GroupOf(FilterPolicy policy, FilterVerdict verdict) => policy.Groups[verdict.Group].Name is { Length: > 0 } name ? name : FilterOptions.Everyone;
}
