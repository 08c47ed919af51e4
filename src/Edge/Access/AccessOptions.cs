using System.Collections.Immutable;
using Edge.Access.Oidc;
using Edge.Settings;

namespace Edge.Access;

/// <summary>What services refer to when they say who may use them: the section <c>access:</c> of edge.yaml.</summary>
internal sealed record AccessOptions
{
    /// <summary>Users with a password, for <c>auth: basic</c>.</summary>
    public ImmutableDictionary<string, PasswordHash> Users { get; init; } = ImmutableDictionary<string, PasswordHash>.Empty;

    /// <summary>A file with more of them, a full path; null for none.</summary>
    public string? UsersFile { get; init; }

    /// <summary>The server that is asked for <c>auth: forward</c>; null for none.</summary>
    public ForwardAuthOptions? Forward { get; init; }

    /// <summary>The provider that logs people in for <c>auth: oidc</c>; null for none.</summary>
    public OidcOptions? Oidc { get; init; }

    /// <summary>When an address is let in nowhere for a while.</summary>
    public BanOptions Bans { get; init; } = new();

    public static AccessOptions Read(MapReader? section, string folder, string domain, string nodeHost)
    {
        if (section is null)
        {
            return new AccessOptions();
        }

        var options = new AccessOptions
        {
            Users = Hashes(section.Section("users")),
            UsersFile = section.Text("users-file") is { } file ? Path.GetFullPath(file, folder) : null,
            Forward = section.Section("forward") is { } forward ? ForwardAuthOptions.Read(forward) : null,
            Oidc = section.Section("oidc") is { } oidc ? OidcOptions.Read(oidc, folder, domain, nodeHost) : null,
            Bans = BanOptions.Read(section, folder),
        };
        section.Done();
        return options;
    }

    private static ImmutableDictionary<string, PasswordHash> Hashes(MapReader? users)
    {
        var found = ImmutableDictionary.CreateBuilder<string, PasswordHash>(StringComparer.Ordinal);
        foreach (var (name, node) in users?.Map.Entries ?? [])
        {
            if (!UserTable.IsName(name))
            {
                users!.Problems.Add(node, $"\"{name}\" is not a user's name", "1 to 64 characters, no colon among them");
            }
            else if (node is not ScalarNode { Value: { } text })
            {
                users!.Problems.Add(node, $"is {node.Kind}; the hash of a password is needed here", PasswordHash.Hint);
            }
            else if (PasswordHash.Parse(text, out var wrong) is { } hash)
            {
                found[name] = hash;
            }
            else
            {
                users!.Problems.Add(node, wrong, PasswordHash.Hint);
            }
        }

        return found.ToImmutable();
    }
}
