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
    // Those that are asked for. A rule may be about some of them only.
    private static readonly RecordType[] Types =
    [
        RecordType.A, RecordType.AAAA, RecordType.HTTPS, RecordType.SVCB, RecordType.TXT, RecordType.MX, RecordType.SRV, RecordType.NS, RecordType.PTR, RecordType.CNAME, RecordType.SOA,
    ];

    // HTTPS and SVCB records have a priority before the name (RFC 9460 §2.2).
    private const int PriorityLength = 2;
    private const int FewTypes = 3;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What the filter says of a name that is not ours.</summary>
    public async Task<ExplainedFilter> ExplainAsync(Name name, IPAddress client, CancellationToken cancel)
    {
        var policy = filter.Policy;
        var (verdict, types) = Judge(policy, name, client, Types);
        if (verdict.Kind == VerdictKind.Answered)
        {
            var answer = policy.Rules.Answers[verdict.Answer];
            var data = answer.Target?.ToHostString() ?? string.Join(", ", answer.Addresses);
            return new ExplainedFilter("answered", GroupOf(policy, verdict), $"filter.answers gives {answer.Name.ToHostString()} the answer {data}", answer.Name.ToHostString(), "filter.answers");
        }

        if (verdict.Kind == VerdictKind.Blocked)
        {
            return Decided(policy, name, new Judged(name, "", types, verdict), client);
        }

        foreach (var (target, way, asked) in await TargetsAsync(name, cancel))
        {
            var (leads, targetTypes) = Judge(policy, target, client, asked);
            if (policy.BlocksBy(verdict, leads))
            {
                return Decided(policy, name, new Judged(target, way, targetTypes, leads), client) with { LeadsTo = target.ToHostString() };
            }
        }

        if (verdict.Kind == VerdictKind.Allowed)
        {
            return Decided(policy, name, new Judged(name, "", types, verdict), client);
        }

        var paused = filter.PausedUntil is { } until ? $"; the filter pauses until {until.ToLocalTime():HH:mm}" : "";
        return new ExplainedFilter("passed", GroupOf(policy, verdict), $"no rule that counts for this client now is about it{paused}");
    }

    /// <summary>Whether the settings have an answer of their own for a name.</summary>
    public bool HasAnswer(Name name) => filter.Policy.Judge(name.Wire, RecordType.A, IPAddress.Loopback.MapToIPv6().GetAddressBytes()).Kind == VerdictKind.Answered;

    // What is blocked for one type is what people ask about, whatever holds for the others.
    private static (FilterVerdict Verdict, RecordType[] Types) Judge(FilterPolicy policy, Name name, IPAddress client, RecordType[] types)
    {
        var address = client.MapToIPv6().GetAddressBytes();
        var all = types.Select(type => (Verdict: policy.Judge(name.Wire, type, address), Type: type)).ToList();
        var verdict = all.Select(one => one.Verdict).MaxBy(one => one.Kind switch { VerdictKind.Answered => 3, VerdictKind.Blocked => 2, VerdictKind.Allowed => 1, _ => 0 });
        return (verdict, [.. all.Where(one => one.Verdict == verdict).Select(one => one.Type)]);
    }

    // Said only where it is not the same for all types: a rule with $dnstype decided.
    private static string For(RecordType[] types, RecordType[] all) =>
        types.Length == all.Length ? ""
        : types.Length <= FewTypes ? $" for {string.Join(", ", types)}"
        : all.Length - types.Length <= FewTypes ? $" for all types but {string.Join(", ", all.Except(types))}"
        : $" for {string.Join(", ", types.Take(FewTypes))} and other types";

    private ExplainedFilter Decided(FilterPolicy policy, Name asked, Judged judged, IPAddress client)
    {
        var (about, way, types, verdict) = judged;
        var type = types[0];
        var group = GroupOf(policy, verdict);
        var state = verdict.Kind == VerdictKind.Blocked ? "blocked" : "allowed";
        if (verdict.Source < 0)
        {
            return new ExplainedFilter(state, group, $"in these hours everything is blocked that is not allowed in the settings", Source: $"filter.groups.{group}.schedule", ToAllow: ToAllow(asked, group));
        }

        var source = policy.Rules.Sources[verdict.Source];
        var nearest = source.Tier == FilterTier.Group ? group : null;
        var allow = verdict.Kind == VerdictKind.Blocked ? ToAllow(asked, nearest) : null;
        var leads = way.Length == 0 ? "" : $"{way} leads to {about.ToHostString()}, which is ";
        var decided = state + (way.Length == 0 || types.Length > 1 ? For(types, Types) : "");
        if (source.Tier != FilterTier.List)
        {
            var own = FindIn(new MemoryStream(Encoding.UTF8.GetBytes(filter.TextOf(source) ?? "")), source, about, type, client, verdict);
            return new ExplainedFilter(state, group, $"{leads}{decided} by \"{own?.Text}\" under {source.Name} in edge.yaml", own?.Text, source.Name, ToAllow: allow);
        }

        var list = filter.Lists.FirstOrDefault(list => list.Options.Name == source.Name);
        var found = list is null ? null : Find(list, source, about, type, client, verdict);
        var where = found is null ? "" : $", line {found.Line}{(list!.Options.Url is null ? "" : $" of its copy {list.ShownAs}")}";
        return new ExplainedFilter(
            state, group, $"{leads}{decided} by {(found is null ? "a rule" : $"\"{found.Text}\"")} of the list {source.Name} ({list?.Options.From}{where})", found?.Text, source.Name, list?.ShownAs, found?.Line, ToAllow: allow);
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

    // What the name stands for, as the world says it now: by an alias, or for browsers by an HTTPS record.
    private async Task<IEnumerable<(Name Target, string Way, RecordType[] Asked)>> TargetsAsync(Name name, CancellationToken cancel)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        deadline.CancelAfter(Patience);
        var answers = await Task.WhenAll(AskAsync(name, RecordType.A, deadline.Token, cancel), AskAsync(name, RecordType.HTTPS, deadline.Token, cancel));
        return
        [
            .. answers[0].Where(record => record.Type == RecordType.CNAME).Select(record => (Name.FromWire(record.Data.Wire), "its answer", Types)),
            .. answers[1].Where(record => record.Type is RecordType.HTTPS or RecordType.SVCB && record.Data.Wire.Length > PriorityLength + 1).Select(record => (HttpsTarget(record), "its HTTPS record", (RecordType[])[RecordType.HTTPS])),
        ];
    }

    private async Task<List<ResourceRecord>> AskAsync(Name name, RecordType type, CancellationToken deadline, CancellationToken cancel)
    {
        try
        {
            return (await forwarder.AskAsync(name, type, deadline)).Answer;
        }
        catch (Exception wrong) when (wrong is FormatException || (wrong is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return [];
        }
    }

    // "." is the owner itself, of which all is said already (RFC 9460 §2.5.2).
    private static Name HttpsTarget(ResourceRecord record)
    {
        var target = record.Data.Wire[PriorityLength..];
        return target[0] == 0 || RDataNames.NameLength(target) <= 0 ? record.Owner : Name.FromWire(target[..RDataNames.NameLength(target)]);
    }

    private static string ToAllow(Name name, string? group) => group is null
        ? $"filter: {{ allow: [{name.ToHostString()}] }}"
        : $"filter: {{ groups: {{ {group}: {{ allow: [{name.ToHostString()}] }} }} }}";

    private static string GroupOf(FilterPolicy policy, FilterVerdict verdict) => policy.Groups[verdict.Group].Name is { Length: > 0 } name ? name : FilterOptions.Everyone;

    /// <summary>What is said of one name.</summary>
    /// <param name="About">The name.</param>
    /// <param name="Way">What leads from the name asked for to it; empty when it is that name.</param>
    /// <param name="Types">The types for which it is said.</param>
    /// <param name="Verdict">What is said.</param>
    private readonly record struct Judged(Name About, string Way, RecordType[] Types, FilterVerdict Verdict);
}
