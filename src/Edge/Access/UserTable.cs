using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Edge.Dns.Files;
using Edge.Settings;

namespace Edge.Access;

/// <summary>The users with a password: those of edge.yaml, and those of the users file, which is followed.</summary>
internal sealed partial class UserTable(ILogger log)
{
    private const long MostBytes = 1 << 20;

    // For names in a table where nobody is.
    private static readonly Lazy<PasswordHash> Nobody = new(() => PasswordHash.Parse(PasswordHash.Make(""), out _)!);

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private volatile ImmutableDictionary<string, PasswordHash> _all = ImmutableDictionary<string, PasswordHash>.Empty;
    private volatile PasswordHash[] _hashes = [];
    private ImmutableDictionary<string, PasswordHash> _stated = ImmutableDictionary<string, PasswordHash>.Empty;
    private ImmutableDictionary<string, PasswordHash> _filed = ImmutableDictionary<string, PasswordHash>.Empty;
    private string? _file;
    private (DateTime Written, long Length)? _read;

    /// <summary>Everybody, by name.</summary>
    public ImmutableDictionary<string, PasswordHash> All => _all;

    /// <summary>
    /// What a password is compared with for a name that is not there: somebody's hash, always the same one's. Hashes of other programs
    /// take another time than ours, which would tell who is there.
    /// </summary>
    public PasswordHash StandIn(string name)
    {
        var hashes = _hashes;
        return hashes.Length == 0 ? Nobody.Value : hashes[BitConverter.ToUInt32(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(name))) % (uint)hashes.Length];
    }

    public static bool IsName(string name) => name.Length is > 0 and <= 64 && !name.Contains(':') && !name.Any(char.IsControl);

    /// <summary>Takes over what edge.yaml says.</summary>
    public void Use(AccessOptions options)
    {
        if (options.UsersFile != _file)
        {
            (_file, _read, _filed) = (options.UsersFile, null, ImmutableDictionary<string, PasswordHash>.Empty);
        }

        _stated = options.Users;
        Follow();
        Take(_filed.SetItems(_stated));
    }

    /// <summary>Reads the file when it has changed; one that is wrong changes nothing.</summary>
    public void Follow()
    {
        if (_file is null)
        {
            return;
        }

        var found = new FileInfo(_file);
        (DateTime, long)? stamp = found.Exists ? (found.LastWriteTimeUtc, found.Length) : null;
        if (stamp is not null && stamp == _read)
        {
            return;
        }

        var problems = new ProblemList();
        var told = _read is null || stamp is not null;
        if (Read(_file, problems) is { } users && !problems.Any)
        {
            (_read, _filed) = (stamp, users);
            Take(users.SetItems(_stated));
            Log.Taken(log, _file, users.Count);
        }
        else if (told)
        {
            _read = stamp ?? (DateTime.MinValue, -1);
            Log.Refused(log, string.Join("\n  ", problems.All));
        }
    }

    /// <summary>The users of a file with a line NAME:HASH for each, as htpasswd writes it; null when it cannot be read.</summary>
    public static ImmutableDictionary<string, PasswordHash>? Read(string file, ProblemList problems)
    {
        if (Lines(file, problems) is not { } lines)
        {
            return null;
        }

        var users = ImmutableDictionary.CreateBuilder<string, PasswordHash>(StringComparer.Ordinal);
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i].Trim();
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var colon = line.IndexOf(':');
            if (colon < 0 || !IsName(line[..colon]))
            {
                problems.Add(new Problem(file, i + 1, "", "is not a line NAME:HASH"));
            }
            else if (PasswordHash.Parse(line[(colon + 1)..], out var wrong) is not { } hash)
            {
                problems.Add(new Problem(file, i + 1, line[..colon], wrong, PasswordHash.Hint));
            }
            else
            {
                users[line[..colon]] = hash;
            }
        }

        return users.ToImmutable();
    }

    private void Take(ImmutableDictionary<string, PasswordHash> all)
    {
        _hashes = [.. all.OrderBy(user => user.Key, StringComparer.Ordinal).Select(user => user.Value)];
        _all = all;
    }

    private static string[]? Lines(string file, ProblemList problems)
    {
        try
        {
            return Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(file, MostBytes)).Split('\n');
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem(file, 0, "", $"cannot be read: {unreadable.Message}"));
        }

        return null;
    }

    private static partial class Log
    {
        [LoggerMessage(5210, LogLevel.Information, "{File}: {Count} users")]
        public static partial void Taken(ILogger log, string file, int count);

        [LoggerMessage(5211, LogLevel.Error, "The users file has mistakes; those known before stay:\n  {Problems}")]
        public static partial void Refused(ILogger log, string problems);
    }
}
