using System.Collections.Immutable;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>Reads "update" of a key in edge.yaml: what its owner may change, in the short form or in the long one.</summary>
internal static class UpdateRuleReader
{
    private const string Example = "write NAME TYPE …, such as \"*.dyn.example.com A AAAA\", or names: [...] and types: [...]";

    /// <param name="key">The key's section.</param>
    /// <param name="name">The key's name, for "self".</param>
    public static ImmutableArray<UpdateRule> Read(MapReader key, Name name)
    {
        var rules = ImmutableArray.CreateBuilder<UpdateRule>();
        foreach (var item in key.Items("update"))
        {
            if (item is MapNode map)
            {
                rules.AddRange(ReadLong(new MapReader(map, key.Problems), name));
            }
            else if (item is not ScalarNode { Value: { } text })
            {
                key.Problems.Add(item, $"is {item.Kind}; a rule is needed here", Example);
            }
            else if (UpdateRule.TryParse(text, name, out var rule, out var error))
            {
                rules.Add(rule);
            }
            else
            {
                key.Problems.Add(item, error, Example);
            }
        }

        return rules.ToImmutable();
    }

    // One rule for each name, all with the same types.
    private static IEnumerable<UpdateRule> ReadLong(MapReader section, Name key)
    {
        var types = ImmutableArray.CreateBuilder<RecordType>();
        foreach (var item in section.Items("types"))
        {
            if (item is ScalarNode { Value: { } text } && UpdateRule.TryParseType(text, out var type))
            {
                types.Add(type);
            }
            else
            {
                section.Problems.Add(item, $"{(item is ScalarNode scalar ? $"\"{scalar.Value}\"" : item.Kind)} is not a record type", "such as A, AAAA or TXT; ANY is every type");
            }
        }

        if (section.Node("names") is null)
        {
            section.Problems.Add(section.Map, "has no names", Example);
        }

        var names = new List<UpdateNames>();
        foreach (var item in section.Items("names"))
        {
            if (item is not ScalarNode { Value: { } text })
            {
                section.Problems.Add(item, $"is {item.Kind}; a name is needed here");
            }
            else if (UpdateNames.TryParse(text, key, out var name, out var error))
            {
                names.Add(name);
            }
            else
            {
                section.Problems.Add(item, error);
            }
        }

        section.Done();
        var all = types.ToImmutable();
        return names.Select(name => new UpdateRule(name, all));
    }
}
