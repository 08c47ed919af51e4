using System.Collections.Immutable;

namespace Edge.Dns.Filtering;

/// <summary>The rules of all sources, with the answers that go before them. What takes long to make, and is shared by policies.</summary>
public sealed class FilterRules
{
    /// <summary>No rules.</summary>
    public static readonly FilterRules None = new([], [], RuleSet.Empty, []);

    private readonly PackedNames? _answerNames;
    private readonly int[] _here;
    private readonly int[] _below;

    private FilterRules(ImmutableArray<FilterSource> sources, ImmutableArray<ListSummary> summaries, RuleSet set, ImmutableArray<CustomAnswer> answers)
    {
        (Sources, Summaries, Set, Answers) = (sources, summaries, set, answers);
        (_here, _below) = ([], []);
        if (answers.IsEmpty)
        {
            return;
        }

        // A name may have an answer of its own and one for what is below it.
        using var names = new PackedNamesBuilder();
        var byName = answers.Select((answer, index) => (Name: answer.Name.IsWildcard ? answer.Name.Parent! : answer.Name, index)).GroupBy(pair => pair.Name, pair => pair.index).ToList();
        (_here, _below) = (new int[byName.Count], new int[byName.Count]);
        for (var value = 0; value < byName.Count; value++)
        {
            NameKeys.Read(byName[value].Key.Wire, out var keys);
            names.Set(in keys, value);
            _here[value] = First(byName[value], index => !answers[index].Name.IsWildcard);
            _below[value] = First(byName[value], index => answers[index].Name.IsWildcard);
        }

        _answerNames = names.Build();
    }

    /// <summary>Where the rules are from; a source's number is its place here.</summary>
    public ImmutableArray<FilterSource> Sources { get; }

    /// <summary>What became of the lines of each source.</summary>
    public ImmutableArray<ListSummary> Summaries { get; }

    /// <summary>Answers of the settings.</summary>
    public ImmutableArray<CustomAnswer> Answers { get; }

    /// <summary>Names that have rules.</summary>
    public int NameCount => Set.NameCount;

    /// <summary>Bytes that they take.</summary>
    public long Bytes => Set.Bytes;

    internal RuleSet Set { get; }

    /// <summary>Reads all sources into one set.</summary>
    /// <param name="sources">The sources with a way to open each: null where there is nothing to read.</param>
    /// <param name="answers">Answers of the settings.</param>
    /// <param name="cancel">Ends the reading.</param>
    /// <exception cref="ArgumentException">There are more sources than a set may have.</exception>
    public static FilterRules Read(ImmutableArray<(FilterSource Source, string ShownAs, Func<Stream?> Open)> sources, ImmutableArray<CustomAnswer> answers, CancellationToken cancel)
    {
        using var set = new RuleSetBuilder();
        var summaries = ImmutableArray.CreateBuilder<ListSummary>(sources.Length);
        for (var number = 0; number < sources.Length; number++)
        {
            var (source, shownAs, open) = sources[number];
            var tally = new ListTally(shownAs);
            try
            {
                using var list = open();
                if (list is not null)
                {
                    ListReader.Read(list, source.Syntax, set.For(number, tally), number, cancel);
                }

                summaries.Add(tally.Summary);
            }
            catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
            {
                summaries.Add(tally.Summary with { Problems = [.. tally.Summary.Problems, $"{shownAs}: cannot be read: {wrong.Message.TrimEnd('.')}"] });
            }
        }

        return new FilterRules([.. sources.Select(source => source.Source)], summaries.ToImmutable(), set.Build(), answers);
    }

    /// <summary>The answer of the settings for a name, the closest one; -1 when there is none.</summary>
    internal int FindAnswer(ref readonly NameKeys keys)
    {
        if (_answerNames is null)
        {
            return -1;
        }

        for (var suffix = 0; suffix < keys.Labels; suffix++)
        {
            var value = _answerNames.Find(in keys, suffix);
            var answer = value < 0 ? -1 : suffix == 0 ? _here[value] : _below[value];
            if (answer >= 0)
            {
                return answer;
            }
        }

        return -1;
    }

    private static int First(IEnumerable<int> indexes, Func<int, bool> holds)
    {
        foreach (var index in indexes)
        {
            if (holds(index))
            {
                return index;
            }
        }

        return -1;
    }
}
