using System.Security.Cryptography;

namespace Edge.Acme;

/// <summary>An order under way.</summary>
/// <param name="Url">The order.</param>
/// <param name="Key">The key of the certificate to be; never the account's.</param>
internal sealed record JournaledOrder(Uri Url, ECDsa Key) : IDisposable
{
    public void Dispose() => Key.Dispose();
}
