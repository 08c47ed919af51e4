using Edge.Dns.Files;
using Edge.Dns.Wire;

namespace Edge.Dns.Signing.Keys;

/// <summary>
/// Where the keys of zones lie: a folder for each zone, in it two files for each key in the form other servers read, and
/// keys.json, which says how far each is in use. Everything is for its owner only.
/// </summary>
/// <param name="root">The folder, which need not be there yet: data/dnssec.</param>
public sealed class KeyFolder(string root)
{
    private const string StateFile = "keys.json";

    /// <summary>TTL of the DNSKEY records in seconds, short enough that a rollover takes hours.</summary>
    public const uint DnskeyTtl = 3600;

    /// <summary>The folder of a zone's keys.</summary>
    public string FolderOf(Name origin) => Path.Combine(root, KeyFileText.FolderName(origin).TrimEnd('.') is { Length: > 0 } name ? name : "root");

    /// <summary>The keys of a zone; null when it has none. Key files without a state file beside them are taken as in use.</summary>
    /// <exception cref="KeyFileException">They are there and cannot be used.</exception>
    public ZoneKeySet? Load(Name origin)
    {
        var folder = FolderOf(origin);
        var state = Path.Combine(folder, StateFile);
        try
        {
            return File.Exists(state)
                ? KeyStateText.Read(File.ReadAllText(state), origin, (file, role) => ReadKey(origin, Path.Combine(folder, file), role))
                : Adopt(origin, folder);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"the keys of {origin} cannot be read: {wrong.Message}", wrong);
        }
        catch (FormatException wrong)
        {
            throw new KeyFileException($"{state} is no state of keys ({wrong.Message}): take it from a backup; without it all keys in the folder are used", wrong);
        }
    }

    /// <summary>Writes the keys, and then the state that names them.</summary>
    /// <exception cref="KeyFileException">They cannot be written; what was there before still is.</exception>
    public void Save(ZoneKeySet keys)
    {
        var folder = FolderOf(keys.Origin);
        try
        {
            DurableFile.MakeFolder(folder);
            foreach (var key in keys.Keys.Select(key => key.Key))
            {
                var path = Path.Combine(folder, KeyFileText.BaseName(key));
                if (!File.Exists(path + ".private"))
                {
                    DurableFile.Write(path + ".key", KeyFileText.Public(key, DnskeyTtl));
                    DurableFile.Write(path + ".private", KeyFileText.Private(key));
                }
            }

            DurableFile.Write(Path.Combine(folder, StateFile), KeyStateText.Write(keys));
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            throw new KeyFileException($"the keys of {keys.Origin} cannot be written to {folder}: {wrong.Message}", wrong);
        }
    }

    // Keys that somebody brought from another server: the flags in the ".key" file say what each of them signs.
    private static ZoneKeySet? Adopt(Name origin, string folder)
    {
        if (!Directory.Exists(folder))
        {
            return null;
        }

        var bases = Directory.GetFiles(folder, "K*.private").Order(StringComparer.Ordinal).Select(path => path[..^".private".Length]).ToList();
        var split = bases.Any(path => FlagsOf(path) == 256);
        var keys = bases.Select(path => ReadKey(origin, path, FlagsOf(path) == 256 ? KeyRole.Zsk : split ? KeyRole.Ksk : KeyRole.Csk)).ToList();
        return keys.Count == 0 ? null : new ZoneKeySet(
            origin, [.. keys.Select(key => new SigningKey(key, key.Role != KeyRole.Ksk, key.IsEntryPoint, File.GetLastWriteTimeUtc(folder)))]);
    }

    private static int FlagsOf(string path)
    {
        var words = File.ReadLines(path + ".key").Where(line => !line.StartsWith(';')).SelectMany(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)).ToList();
        var type = words.FindIndex(word => word.Equals("DNSKEY", StringComparison.OrdinalIgnoreCase));
        return type >= 0 && type + 1 < words.Count && int.TryParse(words[type + 1], out var flags)
            ? flags
            : throw new KeyFileException($"{path}.key has no DNSKEY record");
    }

    private static ZoneKey ReadKey(Name origin, string path, KeyRole role)
    {
        try
        {
            return new ZoneKey(origin, role, KeyFileText.ReadPrivate(File.ReadAllText(path + ".private")));
        }
        catch (FormatException wrong)
        {
            throw new KeyFileException($"{path}.private is no key that Edge can sign with: {wrong.Message}", wrong);
        }
    }
}
