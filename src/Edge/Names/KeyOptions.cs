using System.Collections.Immutable;
using Edge.Dns.Transfer;
using Edge.Dns.Tsig;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Settings;

namespace Edge.Names;

/// <summary>One entry of "dns.keys": a secret shared with another server or with a client.</summary>
/// <param name="Key">The key.</param>
/// <param name="View">The view its owner sees; null for the view of the client's address.</param>
internal sealed record KeyOptions(TsigKey Key, string? View)
{
    /// <summary>What its owner may transfer, from any address; null for nothing.</summary>
    public TransferRight? Transfer { get; init; }

    // Below 128 bits a secret can be guessed; the algorithm's own length is what RFC 8945 §8 asks for.
    private const int LeastSecret = 16;

    /// <summary>What its owner may change by updates; nothing without a rule.</summary>
    public ImmutableArray<UpdateRule> Update { get; init; } = [];

    /// <summary>Reads the "keys" section: a mapping from a key's name to its secret.</summary>
    /// <param name="section">The section.</param>
    /// <param name="folder">Where relative files start.</param>
    /// <param name="views">The names of the views.</param>
    public static ImmutableArray<KeyOptions> ReadAll(MapReader section, string folder, ImmutableArray<string> views)
    {
        var keys = ImmutableArray.CreateBuilder<KeyOptions>();
        foreach (var (name, node) in section.Map.Entries)
        {
            if (section.Section(name) is { } key)
            {
                if (Read(name, key, folder, views) is not { } read)
                {
                    continue;
                }

                if (keys.Any(other => other.Key.Name == read.Key.Name))
                {
                    section.Problems.Add(node, "stands twice; the case of a name does not tell keys apart");
                    continue;
                }

                keys.Add(read);
            }
            else if (node is ScalarNode)
            {
                section.Problems.Add(node, "has no secret", "make one with: edge key create NAME");
            }
        }

        return keys.ToImmutable();
    }

    public bool Equals(KeyOptions? other) => other is not null && Key.IsSameAs(other.Key) && View == other.View && Update.SequenceEqual(other.Update)
        && Equals(Transfer, other.Transfer);

    public override int GetHashCode() => HashCode.Combine(Key.Name, View);

    private static KeyOptions? Read(string text, MapReader section, string folder, ImmutableArray<string> views)
    {
        if (!Name.TryParse(text, Name.Root, out var name, out var error) || name.IsRoot)
        {
            section.Problems.Add(section.Map, $"\"{text}\" cannot be the name of a key: {error ?? "it is empty"}");
        }

        var algorithm = section.Word("algorithm", [.. TsigAlgorithm.Texts]);
        var secret = Secret(section, folder);
        var view = views.IsEmpty ? section.Text("view") : section.Word("view", [.. views]);
        var update = UpdateRuleReader.Read(section, name ?? Name.Root);
        var transfer = Transfers(section);
        section.Done();
        return name is null || secret is null
            ? null
            : new KeyOptions(new TsigKey(name, algorithm is null ? TsigAlgorithm.HmacSha256 : TsigAlgorithm.Find(algorithm)!, secret), view) { Update = update, Transfer = transfer };
    }

    private static TransferRight? Transfers(MapReader section)
    {
        if (section.Node("transfer") is ScalarNode said && SwitchText.Parse(said.Value) is { } all)
        {
            return all ? new TransferRight(null) : null;
        }

        var zones = section.List("transfer", "true, false or the name of a zone", text => Name.TryParse(text, Name.Root, out var zone, out _) ? zone : null);
        return zones.Count == 0 ? null : new TransferRight([.. zones]);
    }

    private static byte[]? Secret(MapReader section, string folder)
    {
        var stated = section.Text("secret");
        var file = section.Text("secret-file");
        if ((stated is null) == (file is null))
        {
            section.Problems.Add(section.Map, stated is null ? "has no secret" : "has both a secret and a secret-file", "give secret: BASE64, or secret-file: PATH; edge key create NAME makes one");
            return null;
        }

        var node = section.Node(stated is null ? "secret-file" : "secret")!;
        if ((stated ?? SettingFile.ReadText(node, Path.GetFullPath(file!, folder), section.Problems)) is not { } text)
        {
            return null;
        }

        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64String(text.Trim(), bytes, out var length))
        {
            section.Problems.Add(node, "is not base64", "the secret as dig, BIND and Knot write it, such as the output of: openssl rand -base64 32");
            return null;
        }

        if (length < LeastSecret)
        {
            section.Problems.Add(node, $"has {length} bytes; a secret needs {LeastSecret} or more", "make one with: openssl rand -base64 32");
            return null;
        }

        return bytes[..length];
    }
}
