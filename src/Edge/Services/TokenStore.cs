using System.Buffers.Text;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Edge.Stores;

namespace Edge.Services;

/// <summary>Makes, checks and revokes the tokens that services are registered with. Only hashes are stored, but of the keys for updates of DNS.</summary>
internal sealed partial class TokenStore(IStore store, TimeProvider time, ILogger<TokenStore> log)
{
    /// <summary>Begins every secret, so that one that leaked into a log or a repository can be found.</summary>
    public const string SecretPrefix = "edge_";

    private const string KeyPrefix = "tokens/";

    // As long as what HMAC-SHA256 makes of it (RFC 8945 §8).
    private const int KeyBytes = 32;

    private readonly KnownTokens _known = new();

    /// <summary>Raised after <see cref="Keyed"/> was replaced.</summary>
    public event Action? Changed;

    /// <summary>Raised with the name of a token when it has been revoked.</summary>
    public event Action<string>? WasRevoked;

    /// <summary>The tokens that have a key, by name, revoked and expired ones included.</summary>
    public FrozenDictionary<string, Token> Keyed => _known.Keyed;

    /// <summary>Reads which tokens have a key.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        _known.Take((await store.ListAsync(KeyPrefix, cancel).ConfigureAwait(false)).Entries);
        Changed?.Invoke();
    }

    /// <summary>Makes a token with a random secret of 256 bits. A name that was revoked or has expired can be given again.</summary>
    /// <exception cref="StoreUnavailableException">It could not be stored.</exception>
    public Task<TokenCreation> CreateAsync(string name, TokenScope scope, DateTimeOffset? expires, bool admin, CancellationToken cancel) =>
        CreateAsync(new TokenWish(name, scope) { Expires = expires, Admin = admin }, cancel);

    /// <summary>Makes a token.</summary>
    /// <exception cref="StoreUnavailableException">It could not be stored.</exception>
    public async Task<TokenCreation> CreateAsync(TokenWish wish, CancellationToken cancel)
    {
        var (now, name) = (time.GetUtcNow(), wish.Name);
        if (wish.Problem(now) is { } problem)
        {
            return new TokenCreation(null, problem);
        }

        var entry = await store.GetAsync(KeyPrefix + name, cancel).ConfigureAwait(false);
        if (entry is not null && _known.Read(entry) is { Revoked: null } old && !(old.Expires <= now))
        {
            return new TokenCreation(null, $"there is a token \"{name}\" already: revoke it first, or choose another name");
        }

        var secret = SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var key = wish.HasKey ? RandomNumberGenerator.GetBytes(KeyBytes) : [];
        var token = new Token { Name = name, Hash = Hash(secret), Scope = wish.Scope, Created = now, Expires = wish.Expires, Admin = wish.Admin, Key = key, Lease = wish.Lease };
        var bytes = TokenFormat.Write(token);
        var write = await store.PutAsync(KeyPrefix + name, bytes, entry?.Revision ?? 0, null, cancel).ConfigureAwait(false);
        if (!write.Done)
        {
            return new TokenCreation(null, $"somebody else made a token \"{name}\" at the same moment");
        }

        Log.Made(log, name);
        Take(bytes, write.Revision, name);
        return new TokenCreation(secret, null) { Key = wish.HasKey ? Convert.ToBase64String(key) : null };
    }

    /// <summary>Tells whose secret this is. Every stored hash is compared, each in constant time, so that the time taken tells nothing.</summary>
    public async Task<TokenCheck> VerifyAsync(string secret, CancellationToken cancel)
    {
        var hash = Hash(secret);
        Token? found = null;
        foreach (var token in await ListAsync(cancel).ConfigureAwait(false))
        {
            if (CryptographicOperations.FixedTimeEquals(hash, token.Hash.Span))
            {
                found = token;
            }
        }

        return Checked(found);
    }

    /// <summary>Tells how a token stands that was verified before: it may have been revoked since, and its name given again.</summary>
    public async Task<TokenCheck> VerifyAsync(Token token, CancellationToken cancel)
    {
        var entry = await store.GetAsync(KeyPrefix + token.Name, cancel).ConfigureAwait(false);
        return entry is not null && _known.Read(entry) is { } now && now.Hash.Span.SequenceEqual(token.Hash.Span) ? Checked(now) : new TokenCheck(TokenState.Revoked, token);
    }

    /// <summary>All tokens, ordered by name, revoked and expired ones included.</summary>
    public async Task<ImmutableArray<Token>> ListAsync(CancellationToken cancel)
    {
        var listing = await store.ListAsync(KeyPrefix, cancel).ConfigureAwait(false);
        return [.. listing.Entries.Select(_known.Read).OfType<Token>()];
    }

    /// <summary>Stops a token from working; what it registered lives on until its leases end. False when there is no such token.</summary>
    /// <exception cref="StoreUnavailableException">It could not be stored. The token does not work in this process any more; it may after a restart.</exception>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancel)
    {
        while (await store.GetAsync(KeyPrefix + name, cancel).ConfigureAwait(false) is { } entry && TokenFormat.Read(entry.Value) is { } token)
        {
            if (token.Revoked is not null)
            {
                return true;
            }

            var now = time.GetUtcNow();
            if (await StoreRevokedAsync(entry, token, now).ConfigureAwait(false))
            {
                Log.Revoked(log, name);
                WasRevoked?.Invoke(name);
                Changed?.Invoke();
                return true;
            }
        }

        return false;
    }

    // Whoever revokes a token is not to find it working, be it that the store says no or does not say. Not to be
    // cancelled: then nobody would know.
    private async Task<bool> StoreRevokedAsync(StoreEntry entry, Token token, DateTimeOffset now)
    {
        var bytes = TokenFormat.Write(token with { Revoked = now });
        try
        {
            var write = await store.PutAsync(entry.Key, bytes, entry.Revision, null, CancellationToken.None).ConfigureAwait(false);
            if (write.Done)
            {
                _known.Take([new StoreEntry(entry.Key, bytes, write.Revision, null)]);
            }

            return write.Done;
        }
        catch (StoreUnavailableException away)
        {
            _known.Revoke(token, now);
            Log.RevokedHere(log, token.Name, away.Message);
            WasRevoked?.Invoke(token.Name);
            Changed?.Invoke();
            throw new StoreUnavailableException($"token {token.Name} does not work any more, but after a restart it may, because that could not be stored: {away.Message}; then revoke it again", away) { OutOfSpace = away.OutOfSpace };
        }
    }

    private void Take(byte[] bytes, long revision, string name)
    {
        _known.Take([new StoreEntry(KeyPrefix + name, bytes, revision, null)]);
        Changed?.Invoke();
    }

    private TokenCheck Checked(Token? token) => new(token switch
    {
        null => TokenState.Unknown,
        { Revoked: not null } => TokenState.Revoked,
        { Expires: { } end } when end <= time.GetUtcNow() => TokenState.Expired,
        _ => TokenState.Valid,
    }, token);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Information, "Token {Name} was made")]
        public static partial void Made(ILogger log, string name);

        [LoggerMessage(2051, LogLevel.Information, "Token {Name} was revoked")]
        public static partial void Revoked(ILogger log, string name);

        [LoggerMessage(2052, LogLevel.Error, "Token {Name} was revoked until Edge ends, for it could not be stored: {Reason}")]
        public static partial void RevokedHere(ILogger log, string name, string reason);
    }
}
