using System.Buffers.Text;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Dns.Wire;
using Edge.Stores;

namespace Edge.AcmeDns;

/// <summary>The registrations: all of them in memory, each change on the disk before it is answered. One change at a time.</summary>
internal sealed partial class AcmeDnsAccounts(IStore store, Name domain, AcmeDnsRecords records, TimeProvider time, ILogger log) : IDisposable
{
    /// <summary>There are never more than these.</summary>
    public const int Most = 1000;

    // For each there may be two: of a name and of its wildcard.
    private const int MostTexts = 2;
    private const string Prefix = "acme-dns/";

    private readonly SemaphoreSlim _writing = new(1);
    private volatile ImmutableDictionary<string, AcmeDnsAccount> _bySubdomain = ImmutableDictionary<string, AcmeDnsAccount>.Empty;

    /// <summary>Reads what the store has, and publishes it.</summary>
    public async Task LoadAsync(CancellationToken cancel)
    {
        var listing = await store.ListAsync(Prefix, cancel);
        _bySubdomain = listing.Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, AcmeDnsJson.Default.AcmeDnsAccount))
            .OfType<AcmeDnsAccount>().ToImmutableDictionary(account => account.Subdomain, StringComparer.Ordinal);
        records.Publish(domain, _bySubdomain.Values);
    }

    /// <summary>Makes one.</summary>
    /// <returns>It and its key, which is told once; null when there are too many.</returns>
    /// <exception cref="StoreUnavailableException">It could not be kept.</exception>
    public async Task<(AcmeDnsAccount Account, string Key)?> RegisterAsync(ImmutableArray<string> allowFrom, CancellationToken cancel)
    {
        var key = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(30));
        var account = new AcmeDnsAccount(Guid.NewGuid().ToString(), Guid.NewGuid().ToString(), Hash(key), time.GetUtcNow()) { AllowFrom = allowFrom };
        await _writing.WaitAsync(cancel);
        try
        {
            if (_bySubdomain.Count >= Most && !await MakeRoomAsync(cancel))
            {
                Log.Full(log, Most);
                return null;
            }

            await KeepAsync(account, cancel);
        }
        finally
        {
            _writing.Release();
        }

        Log.Registered(log, account.Subdomain, domain.ToHostString());
        return (account, key);
    }

    /// <summary>The registration with a name and a key; null where there is none.</summary>
    public AcmeDnsAccount? Find(string user, string key)
    {
        var hash = Encoding.ASCII.GetBytes(Hash(key));
        AcmeDnsAccount? found = null;
        foreach (var account in _bySubdomain.Values)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, Encoding.ASCII.GetBytes(account.Hash)) && account.User == user)
            {
                found = account;
            }
        }

        return found;
    }

    /// <summary>Puts an answer in the place of the older of two; when the call returns, it is answered.</summary>
    /// <exception cref="StoreUnavailableException">It could not be kept.</exception>
    public async Task UpdateAsync(string subdomain, string text, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            var account = _bySubdomain[subdomain];
            await KeepAsync(account with { Texts = [.. account.Texts.Remove(text).Prepend(text).Take(MostTexts)] }, cancel);
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private static string Hash(string key) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    // Somebody who only registers would otherwise fill it for good. Who has updated once is in use.
    private async Task<bool> MakeRoomAsync(CancellationToken cancel)
    {
        if (_bySubdomain.Values.Where(account => account.Texts.IsEmpty).MinBy(account => account.Created) is not { } unused)
        {
            return false;
        }

        await store.DeleteAsync(Prefix + unused.Subdomain, null, cancel);
        _bySubdomain = _bySubdomain.Remove(unused.Subdomain);
        Log.MadeRoom(log, unused.Subdomain, domain.ToHostString(), Most);
        return true;
    }

    private async Task KeepAsync(AcmeDnsAccount account, CancellationToken cancel)
    {
        await store.PutAsync(Prefix + account.Subdomain, JsonSerializer.SerializeToUtf8Bytes(account, AcmeDnsJson.Default.AcmeDnsAccount), null, null, cancel);
        _bySubdomain = _bySubdomain.SetItem(account.Subdomain, account);
        records.Publish(domain, _bySubdomain.Values);
    }

    private static partial class Log
    {
        [LoggerMessage(5970, LogLevel.Information, "acme-dns: {Subdomain}.{Domain} was registered")]
        public static partial void Registered(ILogger log, string subdomain, string domain);

        [LoggerMessage(5971, LogLevel.Error, "acme-dns: there are {Most} registrations, all of them in use, and no more are taken")]
        public static partial void Full(ILogger log, int most);

        [LoggerMessage(5974, LogLevel.Warning, "acme-dns: there are {Most} registrations; {Subdomain}.{Domain}, the oldest that was never used, made room for a new one")]
        public static partial void MadeRoom(ILogger log, string subdomain, string domain, int most);
    }
}
