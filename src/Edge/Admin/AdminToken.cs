using Edge.Dns.Files;
using Edge.Services;
using Edge.Stores;

namespace Edge.Admin;

/// <summary>
/// The token of whoever may read the data folder: made at the first start, 0600, so that commands on the box itself
/// need no set-up.
/// </summary>
internal static class AdminToken
{
    /// <summary>The name under which it is listed, and can be revoked; the next start makes a new one then.</summary>
    public const string Name = "local-admin";

    private const string FileName = "admin.token";

    /// <summary>Makes sure that the file holds a token that works.</summary>
    /// <exception cref="StoreUnavailableException">It could not be stored.</exception>
    public static async Task EnsureAsync(string data, TokenStore tokens, CancellationToken cancel)
    {
        if (TryRead(data) is { } there && await tokens.VerifyAsync(there, cancel) is { State: TokenState.Valid })
        {
            return;
        }

        await tokens.RevokeAsync(Name, cancel);
        var created = await tokens.CreateAsync(Name, new TokenScope(["*"], ["*"]), expires: null, admin: true, cancel);
        var secret = created.Secret ?? throw new StoreUnavailableException($"{FileName}: {created.Problem}");
        DurableFile.Write(Path.Combine(data, FileName), secret + "\n");
    }

    /// <summary>The token, or null when it is not there or not ours to read.</summary>
    public static string? TryRead(string data)
    {
        try
        {
            var text = File.ReadAllText(Path.Combine(data, FileName)).Trim();
            return text.Length > 0 ? text : null;
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
