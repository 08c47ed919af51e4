using System.Security.Cryptography;
using System.Text;
using Edge.Stores;

namespace Edge.Outward;

/// <summary>What tells this box from others of the same name: drawn once and kept in the store, so that a copy of the data folder is the same box.</summary>
internal static class BoxId
{
    /// <summary>Where the store keeps it.</summary>
    public const string Key = "box-id";

    private const int Bytes = 16;

    /// <summary>The id: 32 digits of base 16.</summary>
    /// <exception cref="StoreUnavailableException">There is none yet, and it cannot be kept: none is used that the next start would not know.</exception>
    public static async Task<string> OfAsync(IStore store, CancellationToken cancel)
    {
        if (await store.GetAsync(Key, cancel) is { } kept)
        {
            return Encoding.ASCII.GetString(kept.Value.Span);
        }

        var drawn = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Bytes));
        var written = await store.PutAsync(Key, Encoding.ASCII.GetBytes(drawn), expected: 0, lease: null, cancel);
        return written.Found is { } other ? Encoding.ASCII.GetString(other.Value.Span) : drawn;
    }
}
