using System.Globalization;

namespace Edge.Gateway;

/// <summary>A host as a route asks for it: "photos.example.com", "*.example.com" (any depth below, as in DNS and in YARP), "*" for any, each with or without a port.</summary>
/// <param name="Name">The host in the form of the table; for a wildcard without its "*."; empty for any host.</param>
/// <param name="IsWildcard">Matches what lies below <paramref name="Name"/>.</param>
/// <param name="Port">The port the client must have asked for; null for any.</param>
internal readonly record struct HostPattern(string Name, bool IsWildcard, int? Port)
{
    public static readonly HostPattern Any = new("", false, null);

    public bool IsAny => Name.Length == 0;

    /// <summary>Reads HOST or HOST:PORT; null when it is neither.</summary>
    public static HostPattern? Parse(string text)
    {
        int? port = null;
        var colon = text.LastIndexOf(':');
        if (colon >= 0 && !text.EndsWith(']'))
        {
            if (text[(colon + 1)..] is var after && after != "*")
            {
                if (!ushort.TryParse(after, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                {
                    return null;
                }

                port = number;
            }

            text = text[..colon];
        }

        if (text is "*" or "")
        {
            return text.Length == 0 && port is null ? null : Any with { Port = port };
        }

        return HostText.FromConfiguration(text) switch
        {
            null or "" => null,
            ['*', '.', _, ..] wildcard when !wildcard.AsSpan(2).Contains('*') => new HostPattern(wildcard[2..], true, port),
            var exact when !exact.Contains('*') => new HostPattern(exact, false, port),
            _ => null,
        };
    }

    public override string ToString()
    {
        var name = IsAny ? "*" : IsWildcard ? "*." + Name : Name;
        return Port is null ? name : string.Create(CultureInfo.InvariantCulture, $"{name}:{Port}");
    }
}
