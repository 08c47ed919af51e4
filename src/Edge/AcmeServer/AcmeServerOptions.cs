using System.Collections.Immutable;
using System.Globalization;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.AcmeServer;

/// <summary>The section <c>acme-server</c> of edge.yaml: whether devices of the LAN get certificates of Edge's own CA by ACME.</summary>
internal sealed record AcmeServerOptions
{
    private const int ShortestLife = 1;
    private const int LongestLife = 397;

    public bool Enabled { get; init; }

    /// <summary>Names that may be had beside those in our own zones and in the names of homes; a device has to prove them all the same.</summary>
    public ImmutableArray<Name> Names { get; init; } = [];

    /// <summary>How long certificates live.</summary>
    public TimeSpan Life { get; init; } = TimeSpan.FromDays(90);

    /// <summary>Where devices answer http-01 (RFC 8555 §8.3 says 80).</summary>
    public int HttpPort { get; init; } = 80;

    /// <summary>Where devices answer tls-alpn-01 (RFC 8737 §3 says 443).</summary>
    public int TlsPort { get; init; } = 443;

    /// <summary>Keys for accounts: who makes one has to know a key. None: everybody in the LAN may.</summary>
    public ImmutableArray<KeyValuePair<string, string>> AccountKeys { get; init; } = [];

    /// <summary>All of it in one line, to be compared.</summary>
    public string Text => string.Create(CultureInfo.InvariantCulture, $"{Enabled} {string.Join(' ', Names)} {Life} {HttpPort} {TlsPort} {string.Join(' ', AccountKeys)}");

    /// <summary>Reads the section: a mapping, "on" or "off".</summary>
    /// <param name="root">All of edge.yaml.</param>
    public static AcmeServerOptions Read(MapReader root)
    {
        switch (root.Node("acme-server"))
        {
            case null or ScalarNode { Value: "off" }:
                return new AcmeServerOptions();
            case ScalarNode { Value: "on" }:
                return new AcmeServerOptions { Enabled = true };
            case MapNode map:
                return ReadMap(new MapReader(map, root.Problems)) with { Enabled = true };
            case var other:
                root.Problems.Add(other, "is neither \"on\" nor \"off\" nor a mapping", "known in it: names, life, http-port, tls-port, account-keys");
                return new AcmeServerOptions();
        }
    }

    private static AcmeServerOptions ReadMap(MapReader section)
    {
        var defaults = new AcmeServerOptions();
        var options = defaults with
        {
            Names = [.. section.List("names", "a domain such as lab.example", Domain)],
            Life = ReadLife(section) ?? defaults.Life,
            HttpPort = section.Number("http-port", 1, 65535) ?? defaults.HttpPort,
            TlsPort = section.Number("tls-port", 1, 65535) ?? defaults.TlsPort,
            AccountKeys = ReadKeys(section.Section("account-keys")),
        };
        section.Done();
        return options;
    }

    private static Name? Domain(string text) => Name.TryParse(text, Name.Root, out var name, out _) && name.LabelCount > 0 && !text.StartsWith('*') ? name : null;

    private static TimeSpan? ReadLife(MapReader section)
    {
        var life = section.Duration("life");
        if (life is { } time && (time < TimeSpan.FromHours(ShortestLife) || time > TimeSpan.FromDays(LongestLife)))
        {
            section.Problems.Add(section.Node("life")!, "must lie between 1h and 397d: clients refuse what lives longer");
            return null;
        }

        return life;
    }

    private static ImmutableArray<KeyValuePair<string, string>> ReadKeys(MapReader? section)
    {
        if (section is null)
        {
            return [];
        }

        var keys = section.Map.Entries.Select(entry => KeyValuePair.Create(entry.Key, section.Text(entry.Key) ?? "")).ToImmutableArray();
        foreach (var (name, key) in keys)
        {
            if (!System.Buffers.Text.Base64Url.IsValid(key, out var length) || length < 16)
            {
                section.Problems.Add(section.Node(name) ?? section.Map, "is not a key of 16 bytes or more in base64url", "such as the output of: openssl rand 32 | basenc --base64url | tr -d =");
            }
        }

        return keys;
    }
}
