using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates.Acme;

/// <summary>
/// Our account at one CA: <c>acme/CA/account.key</c> and <c>account.json</c> in the data folder, 0600. The key is on
/// the disk before the CA hears of it, and outlives a CA that forgot the account.
/// </summary>
internal sealed partial class AcmeAccounts(string folder, AcmeClient client, ImmutableArray<string> contact, TimeProvider time, ILogger logger) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);

    /// <summary>The folder of a CA's account.</summary>
    public static string Folder(string data, Uri directory) => Path.Combine(data, "acme", CertificateId.IssuerFolder(directory));

    /// <summary>Reads the account's key, or makes and keeps one.</summary>
    /// <exception cref="IOException">It cannot be read or kept.</exception>
    /// <exception cref="CryptographicException">The file is not a key; it is left as it is.</exception>
    public static AccountKey OpenKey(string folder)
    {
        var path = Path.Combine(folder, "account.key");
        if (File.Exists(path))
        {
            try
            {
                return AccountKey.FromPem(File.ReadAllText(path));
            }
            catch (CryptographicException wrong)
            {
                throw new CryptographicException($"{path}: {wrong.Message}; put the right file back, or move it away to register a new account", wrong);
            }
        }

        var key = AccountKey.Create();
        DurableFile.MakeFolder(folder);
        DurableFile.Write(path, key.ToPem());
        return key;
    }

    /// <summary>The account's URL, registered at the CA when it is not yet.</summary>
    public async Task<Uri> EnsureAsync(CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            client.Account ??= Read();
            return client.Account ?? await RegisterAsync(cancel).ConfigureAwait(false);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Registers anew, unless another order has done so since it met <paramref name="lost"/>.</summary>
    public async Task RegisterAgainAsync(Uri lost, CancellationToken cancel)
    {
        await _gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (client.Account is null || client.Account == lost)
            {
                await RegisterAsync(cancel).ConfigureAwait(false);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<Uri> RegisterAsync(CancellationToken cancel)
    {
        var offered = await client.DirectoryAsync(cancel).ConfigureAwait(false);
        var account = await client.NewAccountAsync(contact, termsOfServiceAgreed: true, onlyReturnExisting: false, cancel).ConfigureAwait(false);
        if (account.Status is AcmeStatus.Deactivated or AcmeStatus.Revoked)
        {
            client.Account = null;
            throw new IssuanceException($"the account {account.Url} is {account.Status.ToString().ToLowerInvariant()} at the CA; move {folder} away to register a new one");
        }

        var json = Json.Write(
            writer =>
            {
                writer.WriteString("url", account.Url.OriginalString);
                writer.WriteString("directory", client.DirectoryUrl.OriginalString);
                writer.WriteString("registered", time.GetUtcNow());
            },
            indented: true);
        DurableFile.Write(Path.Combine(folder, "account.json"), Encoding.UTF8.GetString(json) + "\n");
        Log.Registered(logger, account.Url, offered.TermsOfService ?? "none");
        return account.Url;
    }

    private Uri? Read()
    {
        var path = Path.Combine(folder, "account.json");
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return Json.Url(document.RootElement, "url");
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException or JsonException)
        {
            // newAccount finds the account by its key (RFC 8555 §7.3.1): nothing is lost with this file.
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4030, LogLevel.Information, "The ACME account {Account} is registered; terms of service agreed to in edge.yaml: {Terms}")]
        public static partial void Registered(ILogger logger, Uri account, string terms);
    }
}
