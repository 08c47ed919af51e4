using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>
/// Our account at one CA: <c>account.key</c> and <c>account.json</c>. A key is kept before the CA hears of it, and
/// outlives a CA that forgot the account.
/// </summary>
/// <param name="files">Where they lie.</param>
/// <param name="client">The CA.</param>
/// <param name="request">What a new account asks for.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about registrations.</param>
internal sealed partial class AcmeAccounts(IAcmeFiles files, AcmeClient client, AccountRequest request, TimeProvider time, ILogger logger) : IDisposable
{
    private const string KeyFile = "account.key";
    private const string NextKeyFile = "account.key.next";
    private const string AccountFile = "account.json";
    private const string CaFile = "ca.json";

    private readonly SemaphoreSlim _gate = new(1);
    private ImmutableArray<string> _contact = request.Contact;

    /// <summary>Called when the account is another one, before anything is ordered with it.</summary>
    public event Action? Changed;

    /// <summary>Our account as far as it is known without asking; null before the first registration.</summary>
    public Uri? Known => client.Account ?? Read()?.Url;

    /// <summary>How CAA records name the CA, as it said last; empty when it never did.</summary>
    public ImmutableArray<string> CaaIdentities => Read()?.Caa ?? client.LastDirectory?.CaaIdentities ?? Learned();

    /// <summary>Reads the account's key, or makes and keeps one.</summary>
    /// <exception cref="IOException">It cannot be read or kept.</exception>
    /// <exception cref="CryptographicException">The file is not a key; it is left as it is.</exception>
    public static AccountKey OpenKey(IAcmeFiles files)
    {
        if (files.Read(KeyFile) is { } pem)
        {
            try
            {
                return AccountKey.FromPem(pem);
            }
            catch (CryptographicException wrong)
            {
                throw new CryptographicException($"{files.PathOf(KeyFile)}: {wrong.Message}; put the right file back, or move it away to register a new account", wrong);
            }
        }

        // Its key was moved away: with another one that account cannot be used, whatever the file says.
        if (files.Read(AccountFile) is not null)
        {
            files.Delete(AccountFile);
        }

        var key = AccountKey.Create();
        files.Write(KeyFile, key.ToPem());
        return key;
    }

    /// <summary>Asks the CA how CAA records name it, without an account, and keeps it. One that is away is asked another time.</summary>
    public async Task LearnAsync(CancellationToken cancel)
    {
        try
        {
            var said = (await client.DirectoryAsync(cancel).ConfigureAwait(false)).CaaIdentities;
            if (!said.IsEmpty && !said.SequenceEqual(Learned(), StringComparer.Ordinal))
            {
                files.Write(CaFile, Encoding.UTF8.GetString(Json.Write(writer => Json.WriteTexts(writer, "caa-identities", said))) + "\n");
            }
        }
        catch (Exception away) when (away is AcmeException or HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // It was said before, or is at the next look.
        }
    }

    /// <summary>Whether a CA that refuses our account knows our key by another one, or not at all. It is asked, since its words for that are its own.</summary>
    public Task<bool> IsLostAsync(Uri? refused, CancellationToken cancel) => AloneAsync(
        async inner =>
        {
            try
            {
                return (await client.NewAccountAsync(client.Key, AccountRequest.Existing, inner).ConfigureAwait(false)).Url != refused;
            }
            catch (Exception unknown) when (unknown is AcmeException or HttpRequestException)
            {
                return unknown is AcmeException { Problem: var problem } && problem.Is("accountDoesNotExist");
            }
        },
        cancel);

    /// <summary>The account's URL, registered at the CA when it is not yet.</summary>
    public Task<Uri> EnsureAsync(CancellationToken cancel) => AloneAsync(EnsureAloneAsync, cancel);

    /// <summary>Registers anew, unless another order has done so since it met <paramref name="lost"/>.</summary>
    public Task<Uri> RegisterAgainAsync(Uri? lost, CancellationToken cancel) => AloneAsync(
        inner => client.Account is { } other && other != lost ? Task.FromResult(other) : RegisterAsync(inner), cancel);

    /// <summary>
    /// Exchanges the account's key for a new one (RFC 8555 §7.3.5). The new key is kept before the CA hears of it; a crash
    /// in between is settled at the next use, by asking the CA which of the two it knows.
    /// </summary>
    public Task<Uri> RollOverAsync(CancellationToken cancel) => AloneAsync(
        async inner =>
        {
            var account = await EnsureAloneAsync(inner).ConfigureAwait(false);
            var fresh = AccountKey.Create();
            files.Write(NextKeyFile, fresh.ToPem());
            try
            {
                await client.ChangeKeyAsync(fresh, inner).ConfigureAwait(false);
                Exchange(fresh);
            }
            catch (Exception failed) when (failed is AcmeException or HttpRequestException or IOException or OperationCanceledException && !inner.IsCancellationRequested)
            {
                // Refused by a CA that had done it before, or done and the answer lost: the CA knows, and nobody else.
                if (!await HasTakenAsync(fresh, failed, inner).ConfigureAwait(false))
                {
                    throw;
                }
            }

            Log.RolledOver(logger, account);
            return account;
        },
        cancel);

    public void Dispose() => _gate.Dispose();

    private async Task<T> AloneAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await work(cancel).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<Uri> EnsureAloneAsync(CancellationToken cancel)
    {
        await SettleRolloverAsync(cancel).ConfigureAwait(false);
        if (client.Account is null && Read() is { } kept)
        {
            client.Account = kept.Url;
            _contact = kept.Contact;
        }

        var account = client.Account ?? await RegisterAsync(cancel).ConfigureAwait(false);
        if (!_contact.SequenceEqual(request.Contact, StringComparer.Ordinal))
        {
            await UpdateContactAsync(account, cancel).ConfigureAwait(false);
        }

        return account;
    }

    private async Task SettleRolloverAsync(CancellationToken cancel)
    {
        if (files.Read(NextKeyFile) is not { } pem)
        {
            return;
        }

        try
        {
            var fresh = AccountKey.FromPem(pem);
            if (await IsOfAccountAsync(fresh, cancel).ConfigureAwait(false))
            {
                Exchange(fresh);
                return;
            }
        }
        catch (CryptographicException)
        {
            // No key: it was never sent.
        }

        // The exchange never reached the CA: the old key is the account's.
        files.Delete(NextKeyFile);
    }

    /// <summary>Whether a key is the account's. A CA that does not say that it does not know it, but refuses to speak of it, is asked for the old one.</summary>
    private async Task<bool> IsOfAccountAsync(AccountKey fresh, CancellationToken cancel)
    {
        try
        {
            return await IsKnownAsync(fresh, cancel).ConfigureAwait(false);
        }
        catch (AcmeException refused) when (IsClear(refused))
        {
            if (await IsKnownAsync(client.Key, cancel).ConfigureAwait(false))
            {
                return false;
            }

            throw;
        }
    }

    private static bool IsClear(Exception failed) => failed is AcmeException { Problem: { Status: >= 400 and < 500, Passes: false } };

    /// <summary>Whether the CA has taken the new key though it did not say so. The key is given up only after a clear no: else the CA may still be at it, and the next use asks again.</summary>
    private async Task<bool> HasTakenAsync(AccountKey fresh, Exception failed, CancellationToken cancel)
    {
        var isClear = IsClear(failed);
        try
        {
            if (await IsKnownAsync(fresh, cancel).ConfigureAwait(false))
            {
                Exchange(fresh);
                return true;
            }
        }
        catch (Exception away) when (away is AcmeException or HttpRequestException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            // Refused here as well, in other words (RFC 8555 §7.3.1 has one for it): no account has that key.
            isClear &= IsClear(away);
        }

        if (isClear)
        {
            files.Delete(NextKeyFile);
        }

        return false;
    }

    private async Task<bool> IsKnownAsync(AccountKey key, CancellationToken cancel)
    {
        try
        {
            await client.NewAccountAsync(key, AccountRequest.Existing, cancel).ConfigureAwait(false);
            return true;
        }
        catch (AcmeException unknown) when (unknown.Problem.Is("accountDoesNotExist"))
        {
            return false;
        }
    }

    private void Exchange(AccountKey fresh)
    {
        var kept = Read();
        files.Write(KeyFile, fresh.ToPem());

        // The old key is not disposed of: a request that is being signed with it may still be under way.
        client.Key = fresh;
        if (kept is not null)
        {
            Write(kept);
        }

        files.Delete(NextKeyFile);
    }

    private async Task<Uri> RegisterAsync(CancellationToken cancel)
    {
        var offered = await client.DirectoryAsync(cancel).ConfigureAwait(false);
        if (offered.ExternalAccountRequired && request.External is null)
        {
            throw new AcmeException(new AcmeProblem { Type = AcmeProblem.Prefix + "externalAccountRequired", Detail = $"{client.DirectoryUrl} takes only customers it knows: it needs \"external-account\" with the key-id and hmac-key that it gave you" });
        }

        var account = await client.NewAccountAsync(client.Key, request, cancel).ConfigureAwait(false);
        if (account.Status is AcmeStatus.Deactivated or AcmeStatus.Revoked)
        {
            throw new IssuanceException($"the account {account.Url} is {account.Status.ToString().ToLowerInvariant()} at the CA; move {files.PathOf(KeyFile)} away to register a new one");
        }

        client.Account = account.Url;
        Keep(account.Url, offered);
        Log.Registered(logger, account.Url, offered.TermsOfService ?? "none");
        return account.Url;
    }

    private async Task UpdateContactAsync(Uri account, CancellationToken cancel)
    {
        try
        {
            await client.UpdateContactAsync(account, request.Contact, cancel).ConfigureAwait(false);
            Keep(account, await client.DirectoryAsync(cancel).ConfigureAwait(false));
        }
        catch (AcmeException refused) when (!refused.Problem.Is("accountDoesNotExist"))
        {
            // No reason to go without a certificate; it is tried again after the next start.
            _contact = request.Contact;
            Log.ContactRefused(logger, account, refused.Message);
        }
    }

    private void Keep(Uri account, AcmeDirectory offered)
    {
        Write(new KeptAccount(account, request.Contact, offered.CaaIdentities, time.GetUtcNow()));
        _contact = request.Contact;
        Changed?.Invoke();
    }

    private void Write(KeptAccount account)
    {
        var json = Json.Write(
            writer =>
            {
                writer.WriteString("url", account.Url.OriginalString);
                writer.WriteString("directory", client.DirectoryUrl.OriginalString);
                writer.WriteString("key-thumbprint", client.Key.Thumbprint);
                Json.WriteTexts(writer, "contact", account.Contact);
                Json.WriteTexts(writer, "caa-identities", account.Caa);
                writer.WriteString("registered", account.Registered);
            },
            indented: true);
        files.Write(AccountFile, Encoding.UTF8.GetString(json) + "\n");
    }

    /// <summary>What was kept of the account of our key; null when there is none.</summary>
    private KeptAccount? Read()
    {
        try
        {
            if (files.Read(AccountFile) is { } text)
            {
                using var document = JsonDocument.Parse(text);
                var root = document.RootElement;
                var contact = Json.Member(root, "contact") is null ? request.Contact : Json.Texts(root, "contact");

                // Another key is another account, and so is another CA's. Files of earlier versions do not say whose they are.
                return Json.Url(root, "url") is { } url && (Json.Url(root, "directory") ?? client.DirectoryUrl) == client.DirectoryUrl && (Json.Text(root, "key-thumbprint") ?? client.Key.Thumbprint) == client.Key.Thumbprint
                    ? new KeptAccount(url, contact, Json.Texts(root, "caa-identities"), Json.Time(root, "registered") ?? time.GetUtcNow()) : null;
            }
        }
        catch (Exception broken) when (broken is IOException or JsonException)
        {
            // newAccount finds the account by its key (RFC 8555 §7.3.1): nothing is lost with this file.
        }

        return null;
    }

    private ImmutableArray<string> Learned()
    {
        try
        {
            if (files.Read(CaFile) is { } text)
            {
                using var document = JsonDocument.Parse(text);
                return Json.Texts(document.RootElement, "caa-identities");
            }
        }
        catch (Exception broken) when (broken is IOException or JsonException)
        {
            // It is asked again.
        }

        return [];
    }

    private sealed record KeptAccount(Uri Url, ImmutableArray<string> Contact, ImmutableArray<string> Caa, DateTimeOffset Registered);

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Information, "The ACME account {Account} is registered; terms of service agreed to in the settings: {Terms}")]
        public static partial void Registered(ILogger logger, Uri account, string terms);

        [LoggerMessage(4100, LogLevel.Information, "The ACME account {Account} has a new key")]
        public static partial void RolledOver(ILogger logger, Uri account);

        [LoggerMessage(4101, LogLevel.Warning, "The CA does not take the contact addresses for {Account}: {Reason}")]
        public static partial void ContactRefused(ILogger logger, Uri account, string reason);
    }
}
