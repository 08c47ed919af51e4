using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>Reads "answers": a mapping from names to addresses, or to the name whose answer it is.</summary>
internal static class CustomAnswerReader
{
    private const string Example = "write NAME: ADDRESS, NAME: [ADDRESS, …], or NAME: OTHER-NAME";

    public static ImmutableArray<CustomAnswer> ReadAll(MapReader section)
    {
        var answers = new Dictionary<Name, CustomAnswer>();
        foreach (var (text, node) in section.Map.Entries)
        {
            if (!Name.TryParse(text, Name.Root, out var name, out var error) || name.IsRoot)
            {
                section.Problems.Add(node, $"\"{text}\" is not a name: {error ?? "it is empty"}");
            }
            else if (name.IsWildcard && name.Parent!.IsRoot)
            {
                section.Problems.Add(node, "would answer every name there is", "write *.DOMAIN for what is below a domain");
            }

            if (Read(section, text, name ?? Name.Root) is { } answer && !answers.TryAdd(answer.Name, answer))
            {
                section.Problems.Add(node, "is answered twice", "letters of either case are the same name");
            }
        }

        foreach (var answer in answers.Values.Where(answer => LeadsBack(answer, answers)))
        {
            section.Problems.Add(section.Node(Key(section, answer.Name)) ?? section.Map, $"leads back to itself by way of {answer.Target}");
        }

        return [.. answers.Values];
    }

    private static CustomAnswer? Read(MapReader section, string key, Name name)
    {
        var addresses = ImmutableArray.CreateBuilder<IPAddress>();
        var items = section.Items(key);
        foreach (var item in items)
        {
            if (item is not ScalarNode { Value: { } text })
            {
                section.Problems.Add(item, $"is {item.Kind}", Example);
            }
            else if (StatedAddress.TryParse(text, out var address))
            {
                addresses.Add(address);
            }
            else if (StatedAddress.IsMeant(text))
            {
                section.Problems.Add(item, $"\"{text}\" is not an address", Example);
            }
            else if (items.Count == 1 && Name.TryParse(text, Name.Root, out var target, out _) && !target.IsRoot && !target.IsWildcard)
            {
                return new CustomAnswer(name, target);
            }
            else
            {
                section.Problems.Add(item, $"\"{text}\" is neither an address nor, on its own, a name", Example);
            }
        }

        if (items.Count == 0)
        {
            section.Problems.Add(section.Map, $"{key} has no answer", Example);
        }

        return addresses.Count == 0 ? null : new CustomAnswer(name, addresses.ToImmutable());
    }

    private static bool LeadsBack(CustomAnswer answer, Dictionary<Name, CustomAnswer> answers)
    {
        var hops = 0;
        for (var next = answer.Target; next is not null && hops <= answers.Count; hops++)
        {
            next = Closest(next, answers)?.Target;
        }

        return hops > answers.Count;
    }

    private static CustomAnswer? Closest(Name name, Dictionary<Name, CustomAnswer> answers)
    {
        if (answers.TryGetValue(name, out var own))
        {
            return own;
        }

        for (var above = name.Parent; above is not null; above = above.Parent)
        {
            if (above.Wire.Length < Name.MaxWireLength - 2 && answers.TryGetValue(above.Prepend("*"), out var wildcard))
            {
                return wildcard;
            }
        }

        return null;
    }

    private static string Key(MapReader section, Name name) => section.Map.Entries.First(entry => Name.TryParse(entry.Key, Name.Root, out var stated, out _) && stated == name).Key;
}
