using System.Collections.Frozen;
using Edge.Stores;

namespace Edge.Services;

/// <summary>The tokens as this process knows them: each as the latest write of it says, and none that was revoked here, whatever the store says.</summary>
internal sealed class KnownTokens
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Token Token, long Revision)> _byKey = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _revokedHere = new(StringComparer.Ordinal);
    private volatile FrozenDictionary<string, Token> _keyed = FrozenDictionary<string, Token>.Empty;

    /// <summary>The tokens that have a key, by name, revoked and expired ones included.</summary>
    public FrozenDictionary<string, Token> Keyed => _keyed;

    /// <summary>Takes what the store says, unless something newer is known.</summary>
    public void Take(IEnumerable<StoreEntry> entries)
    {
        lock (_lock)
        {
            foreach (var entry in entries)
            {
                _ = Known(entry);
            }

            Key();
        }
    }

    /// <summary>The token that an entry is; null when it is none.</summary>
    public Token? Read(StoreEntry entry)
    {
        lock (_lock)
        {
            return Known(entry) is { } token ? InForce(token) : null;
        }
    }

    /// <summary>From now on the token does not work in this process, until it is stored that it does not work at all.</summary>
    public void Revoke(Token token, DateTimeOffset now)
    {
        lock (_lock)
        {
            _revokedHere.TryAdd(HashOf(token), now);
            Key();
        }
    }

    private static string HashOf(Token token) => Convert.ToHexString(token.Hash.Span);

    private Token? Known(StoreEntry entry)
    {
        if (_byKey.TryGetValue(entry.Key, out var known) && known.Revision >= entry.Revision)
        {
            return known.Token;
        }

        if (TokenFormat.Read(entry.Value) is not { } token)
        {
            return null;
        }

        _byKey[entry.Key] = (token, entry.Revision);
        return token;
    }

    private Token InForce(Token token) => token.Revoked is null && _revokedHere.TryGetValue(HashOf(token), out var when) ? token with { Revoked = when } : token;

    private void Key() => _keyed = _byKey.Values.Where(one => !one.Token.Key.IsEmpty).ToFrozenDictionary(one => one.Token.Name, one => InForce(one.Token), StringComparer.Ordinal);
}
