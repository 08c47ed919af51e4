using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>The names of lists, where the settings choose some of them.</summary>
internal static class ListNames
{
    /// <param name="section">The section that chooses.</param>
    /// <param name="key">Under what.</param>
    /// <param name="lists">The lists there are.</param>
    public static ImmutableArray<string> Read(MapReader section, string key, ImmutableArray<string> lists)
    {
        var chosen = ImmutableArray.CreateBuilder<string>();
        foreach (var item in section.Items(key))
        {
            if (item is ScalarNode { Value: { } name } && lists.Contains(name))
            {
                chosen.Add(name);
            }
            else
            {
                section.Problems.Add(
                    item,
                    item is ScalarNode { Value: { } unknown } ? $"\"{unknown}\" is not the name of a list" : $"is {item.Kind}; the name of a list is needed here",
                    lists.IsEmpty ? "there are none: name them under filter.lists" : $"there are: {string.Join(", ", lists)}");
            }
        }

        return chosen.ToImmutable();
    }
}
