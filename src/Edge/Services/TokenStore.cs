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

    private readonly Lock _gate = new();
    private long _read;
    private volatile FrozenDictionary<string, Token> _keyed = FrozenDictionary<string, Token>.Empty;

    /// <summary>Raised after <see cref="Keyed"/> was replaced.</summary>
    public event Action? Changed;

    /// <summary>Raised with the name of a token when it has been revoked.</summary>
    public event Action<string>? WasRevoked;

    /// <summary>The tokens that have a key, by name, revoked and expired ones included.</summary>
    public FrozenDictionary<string, Token> Keyed => _keyed;

    /// <summary>Reads which tokens have a key.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var listing = await store.ListAsync(KeyPrefix, cancel).ConfigureAwait(false);
        lock (_gate)
        {
            if (listing.Revision < _read)
            {
                return;
            }

            _read = listing.Revision;
            _keyed = listing.Entries.Select(entry => TokenFormat.Read(entry.Value)).OfType<Token>().Where(token => !token.Key.IsEmpty).ToFrozenDictionary(token => token.Name, StringComparer.Ordinal);
        }

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
        if (entry is not null && TokenFormat.Read(entry.Value) is { Revoked: null } old && !(old.Expires <= now))
        {
            return new TokenCreation(null, $"there is a token \"{name}\" already: revoke it first, or choose another name");
        }

        var secret = SecretPrefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        var key = wish.HasKey ? RandomNumberGenerator.GetBytes(KeyBytes) : [];
        var token = new Token { Name = name, Hash = Hash(secret), Scope = wish.Scope, Created = now, Expires = wish.Expires, Admin = wish.Admin, Key = key, Lease = wish.Lease };
        var write = await store.PutAsync(KeyPrefix + name, TokenFormat.Write(token), entry?.Revision ?? 0, null, cancel).ConfigureAwait(false);
        if (!write.Done)
        {
            return new TokenCreation(null, $"somebody else made a token \"{name}\" at the same moment");
        }

        Log.Made(log, name);
        await LoadAsync(CancellationToken.None).ConfigureAwait(false);
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

        return new TokenCheck(found switch
        {
            null => TokenState.Unknown,
            { Revoked: not null } => TokenState.Revoked,
            { Expires: { } end } when end <= time.GetUtcNow() => TokenState.Expired,
            _ => TokenState.Valid,
        }, found);
    }

    /// <summary>All tokens, ordered by name, revoked and expired ones included.</summary>
    public async Task<ImmutableArray<Token>> ListAsync(CancellationToken cancel)
    {
        var listing = await store.ListAsync(KeyPrefix, cancel).ConfigureAwait(false);
        return [.. listing.Entries.Select(entry => TokenFormat.Read(entry.Value)).OfType<Token>()];
    }

    /// <summary>Stops a token from working; what it registered lives on until its leases end. False when there is no such token.</summary>
    public async Task<bool> RevokeAsync(string name, CancellationToken cancel)
    {
        while (await store.GetAsync(KeyPrefix + name, cancel).ConfigureAwait(false) is { } entry && TokenFormat.Read(entry.Value) is { } token)
        {
            if (token.Revoked is not null)
            {
                return true;
            }

            var write = await store.PutAsync(entry.Key, TokenFormat.Write(token with { Revoked = time.GetUtcNow() }), entry.Revision, null, cancel).ConfigureAwait(false);
            if (write.Done)
            {
                Log.Revoked(log, name);
                await LoadAsync(CancellationToken.None).ConfigureAwait(false);
                WasRevoked?.Invoke(name);
                return true;
            }
        }

        return false;
    }

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    private static partial class Log
    {
        [LoggerMessage(2050, LogLevel.Information, "Token {Name} was made")]
        public static partial void Made(ILogger log, string name);

        [LoggerMessage(2051, LogLevel.Information, "Token {Name} was revoked")]
        public static partial void Revoked(ILogger log, string name);
    }
}
