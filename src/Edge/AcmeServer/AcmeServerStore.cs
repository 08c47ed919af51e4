using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Edge.Stores;

namespace Edge.AcmeServer;

/// <summary>What the ACME server must not forget. One change at a time: there are few, and each is on the disk before it is answered.</summary>
internal sealed class AcmeServerStore(IStore store) : IDisposable
{
    private const string Root = "acme-server/";
    private const string Accounts = Root + "accounts/";
    private const string Keys = Root + "keys/";
    private const string Orders = Root + "orders/";
    private const string Certificates = Root + "certificates/";

    private readonly SemaphoreSlim _writing = new(1);

    public ValueTask<ServerAccount?> AccountAsync(string id, CancellationToken cancel) => ReadAsync(Accounts + id, AcmeServerJson.Default.ServerAccount, cancel);

    /// <summary>The account that has a key.</summary>
    public async ValueTask<ServerAccount?> AccountOfKeyAsync(string thumbprint, CancellationToken cancel) =>
        await store.GetAsync(Keys + thumbprint, cancel) is { } entry ? await AccountAsync(System.Text.Encoding.UTF8.GetString(entry.Value.Span), cancel) : null;

    /// <summary>Keeps an account and by which key it is found, both or neither: else a crash between the two would leave an account without a key.</summary>
    public async ValueTask PutAsync(ServerAccount account, string thumbprint, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            await store.WriteAsync(Edits(account, thumbprint), cancel);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>The same for an account that has another key from now on.</summary>
    public async ValueTask ChangeKeyAsync(string id, string key, string former, string thumbprint, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await AccountAsync(id, cancel) is { } account)
            {
                await store.WriteAsync([.. Edits(account with { Key = key }, thumbprint), new StoreEdit(Keys + former, null)], cancel);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Changes an account as it is now, but for its key; null where there is none any more.</summary>
    public async ValueTask<ServerAccount?> ChangeAccountAsync(string id, Func<ServerAccount, ServerAccount> change, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await AccountAsync(id, cancel) is not { } account)
            {
                return null;
            }

            var changed = change(account);
            await WriteAsync(Accounts + id, changed, AcmeServerJson.Default.ServerAccount, cancel);
            return changed;
        }
        finally
        {
            _writing.Release();
        }
    }

    private static ImmutableArray<StoreEdit> Edits(ServerAccount account, string thumbprint) =>
    [
        new StoreEdit(Accounts + account.Id, JsonSerializer.SerializeToUtf8Bytes(account, AcmeServerJson.Default.ServerAccount)),
        new StoreEdit(Keys + thumbprint, System.Text.Encoding.UTF8.GetBytes(account.Id)),
    ];

    public ValueTask<ServerOrder?> OrderAsync(string id, CancellationToken cancel) => ReadAsync(Orders + id, AcmeServerJson.Default.ServerOrder, cancel);

    public ValueTask PutAsync(ServerOrder order, CancellationToken cancel) => WriteAsync(Orders + order.Id, order, AcmeServerJson.Default.ServerOrder, cancel);

    public ValueTask<ServerCertificate?> CertificateAsync(string serial, CancellationToken cancel) => ReadAsync(Certificates + serial, AcmeServerJson.Default.ServerCertificate, cancel);

    public ValueTask PutAsync(ServerCertificate certificate, CancellationToken cancel) => WriteAsync(Certificates + certificate.Serial, certificate, AcmeServerJson.Default.ServerCertificate, cancel);

    /// <summary>Changes an order as it is now; null where there is none.</summary>
    public async ValueTask<ServerOrder?> ChangeAsync(string id, Func<ServerOrder, ServerOrder> change, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await OrderAsync(id, cancel) is not { } order)
            {
                return null;
            }

            var changed = change(order);
            if (!ReferenceEquals(changed, order))
            {
                await PutAsync(changed, cancel);
            }

            return changed;
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Changes a certificate as it is now; what was revoked meanwhile stays so.</summary>
    public async ValueTask ChangeCertificateAsync(string serial, Func<ServerCertificate, ServerCertificate> change, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await CertificateAsync(serial, cancel) is { } certificate)
            {
                await PutAsync(change(certificate), cancel);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>All orders there are.</summary>
    public ValueTask<List<ServerOrder>> OrdersAsync(CancellationToken cancel) => ListAsync(Orders, AcmeServerJson.Default.ServerOrder, cancel);

    public ValueTask<List<ServerCertificate>> CertificatesAsync(CancellationToken cancel) => ListAsync(Certificates, AcmeServerJson.Default.ServerCertificate, cancel);

    public ValueTask<List<ServerAccount>> AccountsAsync(CancellationToken cancel) => ListAsync(Accounts, AcmeServerJson.Default.ServerAccount, cancel);

    public async ValueTask ForgetAsync(ServerOrder order, CancellationToken cancel) => await store.DeleteAsync(Orders + order.Id, null, cancel);

    public async ValueTask ForgetAsync(ServerCertificate certificate, CancellationToken cancel) => await store.DeleteAsync(Certificates + certificate.Serial, null, cancel);

    /// <summary>Forgets an account with its key, unless it was used meanwhile: who has the key may make another one.</summary>
    public async ValueTask ForgetAsync(ServerAccount account, string thumbprint, Predicate<ServerAccount> isIdle, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await AccountAsync(account.Id, cancel) is { } now && isIdle(now) && now.Key == account.Key)
            {
                await store.WriteAsync([new StoreEdit(Accounts + account.Id, null), new StoreEdit(Keys + thumbprint, null)], cancel);
            }
        }
        finally
        {
            _writing.Release();
        }
    }

    public void Dispose() => _writing.Dispose();

    private async ValueTask<T?> ReadAsync<T>(string key, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class => await store.GetAsync(key, cancel) is { } entry ? JsonSerializer.Deserialize(entry.Value.Span, type) : null;

    private async ValueTask<List<T>> ListAsync<T>(string root, JsonTypeInfo<T> type, CancellationToken cancel)
        where T : class => [.. (await store.ListAsync(root, cancel)).Entries.Select(entry => JsonSerializer.Deserialize(entry.Value.Span, type)).OfType<T>()];

    private async ValueTask WriteAsync<T>(string key, T value, JsonTypeInfo<T> type, CancellationToken cancel) =>
        await store.PutAsync(key, JsonSerializer.SerializeToUtf8Bytes(value, type), null, null, cancel);
}
