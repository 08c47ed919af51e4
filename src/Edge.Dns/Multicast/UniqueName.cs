using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A name that only we may have, on whatever link: a host, or an instance of a service.</summary>
internal sealed class UniqueName
{
    private readonly string _text;
    private readonly Name _domain;

    private UniqueName(string key, string text, string? type, int number)
    {
        (Key, _text, Type) = (key, text, type);
        _domain = type is null ? DnsSdNames.Local : DnsSdNames.Type(type, DnsSdNames.Local);
        Use(number);
        Won = Current;
    }

    /// <summary>What it is remembered by: the name as it was wanted.</summary>
    public string Key { get; }

    /// <summary>The type of an instance; null for a host.</summary>
    public string? Type { get; }

    /// <summary>1 for the name as it was wanted, more behind others that have it.</summary>
    public int Number { get; private set; }

    public Name Current { get; private set; } = Name.Root;

    /// <summary>The name that was probed for without objection last; before that, the one to begin with.</summary>
    public Name Won { get; private set; }

    public static UniqueName Host(string label, Func<string, int> numbers) => new($"{label}.local", label, null, numbers($"{label}.local"));

    public static UniqueName Instance(string label, string type, Func<string, int> numbers) => new($"{label}.{type}.local", label, type, numbers($"{label}.{type}.local"));

    /// <summary>Takes the next name: "photos-2" for a host (RFC 6762 §9), "photos (2)" for an instance (RFC 6763, appendix D).</summary>
    public void Next() => Use(Number + 1);

    /// <summary>Nobody has objected; true when it is another name than before.</summary>
    public bool Win()
    {
        var isOther = Won != Current;
        Won = Current;
        return isOther;
    }

    private void Use(int number)
    {
        Number = Math.Max(1, number);
        var label = Number == 1 ? _text : DnsSdNames.Numbered(_text, Type is null ? $"-{Number}" : $" ({Number})");
        Current = DnsSdNames.Instance(label, _domain);
    }
}
