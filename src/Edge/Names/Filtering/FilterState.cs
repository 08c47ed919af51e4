using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Filtering;

namespace Edge.Names.Filtering;

/// <summary>One state of the filter's settings, and what is known of its lists.</summary>
internal sealed class FilterState
{
    private const string BlockSource = "filter.block";
    private const string AllowSource = "filter.allow";

    private FilterState(FilterOptions options, ImmutableArray<KnownList> lists)
    {
        (Options, Lists) = (options, lists);
    }

    public FilterOptions Options { get; }

    public ImmutableArray<KnownList> Lists { get; }

    /// <summary>Puts a state together; of lists that stay as they are, what is known of them stays too.</summary>
    public static FilterState Create(FilterOptions options, string folder, FilterState? before, DateTimeOffset now) => new(
        options,
        [.. options.Lists.Select(list => before?.Lists.FirstOrDefault(known => known.Options == list) ?? new KnownList(list, folder, now))]);

    /// <summary>The rules of the settings alone: what counts until the lists are read.</summary>
    public FilterRules ReadSettings() => FilterRules.Read([.. Settings().Select(Readable)], Options.Answers, CancellationToken.None);

    /// <summary>All rules.</summary>
    /// <param name="cancel">Ends the reading.</param>
    public FilterRules Read(CancellationToken cancel)
    {
        foreach (var list in Lists)
        {
            list.MarkTaken();
        }

        var rules = FilterRules.Read(
            [.. Settings().Select(Readable), .. Lists.Select(list => (new FilterSource(list.Options.Name, FilterTier.List, list.Options.Syntax), list.ShownAs, (Func<Stream?>)list.Open))],
            Options.Answers,
            cancel);
        foreach (var list in Lists)
        {
            list.Summary = rules.Summaries[NumberOf(rules.Sources, list.Options.Name, FilterTier.List)];
        }

        return rules;
    }

    /// <summary>Which hours of which groups it is now, in the order of the settings.</summary>
    public ImmutableArray<bool> HoursNow(DateTimeOffset local) => [.. Options.Groups.SelectMany(group => group.Schedule).Select(hours => hours.Hold(local.DateTime))];

    /// <summary>The groups as they are at this moment.</summary>
    /// <param name="sources">The sources that are read.</param>
    /// <param name="hoursNow">Which hours it is.</param>
    /// <param name="paused">Whether nothing is to be blocked.</param>
    public ImmutableArray<FilterGroup> Groups(ImmutableArray<FilterSource> sources, ImmutableArray<bool> hoursNow, bool paused)
    {
        var groups = ImmutableArray.CreateBuilder<FilterGroup>();
        var next = 0;
        foreach (var group in Options.Groups)
        {
            FilterHours[] now = [.. group.Schedule.Where(_ => hoursNow[next++])];
            string[] own = [OwnBlock(group), OwnAllow(group), BlockSource, AllowSource];
            var active = sources.Select((source, number) => (source, number))
                .Where(pair => pair.source.Tier == FilterTier.List
                    ? group.Lists.Contains(pair.source.Name) || now.Any(hours => hours.Lists.Contains(pair.source.Name))
                    : own.Contains(pair.source.Name))
                .Select(pair => pair.number);
            groups.Add(new FilterGroup(group.Name, group.Clients, paused ? [] : [.. active], !paused && now.Any(hours => hours.BlocksAll)));
        }

        return groups.ToImmutable();
    }

    /// <summary>The rules of the settings that a source stands for, one a line; null for a list.</summary>
    public string? TextOf(FilterSource source) => Settings().Where(own => own.Source == source).Select(own => own.Text).FirstOrDefault();

    private static (FilterSource Source, string ShownAs, Func<Stream?> Open) Readable((FilterSource Source, string Text) own) =>
        (own.Source, own.Source.Name, () => new MemoryStream(Encoding.UTF8.GetBytes(own.Text)));

    // Those without a rule stay away: a source is a bit of the engine's.
    private IEnumerable<(FilterSource Source, string Text)> Settings()
    {
        IEnumerable<(string Name, FilterTier Tier, ListSyntax Syntax, ImmutableArray<string> Rules)> all =
        [
            (BlockSource, FilterTier.Settings, RuleReader.Blocks, Options.Block),
            (AllowSource, FilterTier.Settings, RuleReader.Allows, Options.Allow),
            .. Options.Groups.Select(group => (OwnBlock(group), FilterTier.Group, RuleReader.Blocks, group.Block)),
            .. Options.Groups.Select(group => (OwnAllow(group), FilterTier.Group, RuleReader.Allows, group.Allow)),
        ];
        return all.Where(own => !own.Rules.IsEmpty).Select(own => (new FilterSource(own.Name, own.Tier, own.Syntax), string.Join('\n', own.Rules)));
    }

    private static string OwnBlock(FilterGroupOptions group) => $"filter.groups.{group.Name}.block";

    private static string OwnAllow(FilterGroupOptions group) => $"filter.groups.{group.Name}.allow";

    private static int NumberOf(ImmutableArray<FilterSource> sources, string name, FilterTier tier) =>
        Enumerable.Range(0, sources.Length).First(number => sources[number].Name == name && sources[number].Tier == tier);
}
