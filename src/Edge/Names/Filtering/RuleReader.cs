using System.Collections.Immutable;
using Edge.Dns.Filtering;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>Rules that stand in the settings themselves: names, which then stand for what is below them too, or any rule of a list.</summary>
internal static class RuleReader
{
    /// <summary>How those under "block" are meant.</summary>
    public static readonly ListSyntax Blocks = new(PlainReachesBelow: true);

    /// <summary>How those under "allow" are meant.</summary>
    public static readonly ListSyntax Allows = new(PlainReachesBelow: true, Allows: true);

    public static ImmutableArray<string> Read(MapReader section, string key, ListSyntax syntax)
    {
        var rules = ImmutableArray.CreateBuilder<string>();
        foreach (var item in section.Items(key))
        {
            if (item is not ScalarNode { Value: { } text })
            {
                section.Problems.Add(item, $"is {item.Kind}; a name or a rule is needed here");
            }
            else if (!syntax.Allows && text.AsSpan().TrimStart().StartsWith("@@"))
            {
                section.Problems.Add(item, $"\"{text}\" allows instead of blocking", "write it under \"allow\"");
            }
            else if (FilterList.ProblemOf(text, syntax) is { } problem)
            {
                section.Problems.Add(item, $"\"{text}\" {problem}", "write a name, which stands for what is below it too, or a rule such as \"|name^\" or \"/expression/\"");
            }
            else
            {
                rules.Add(text);
            }
        }

        return rules.ToImmutable();
    }
}
