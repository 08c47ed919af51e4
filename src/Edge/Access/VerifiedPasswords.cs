using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Edge.Access;

/// <summary>
/// Remembers which passwords were right, so that only the first request of a browser costs a hash. What is kept is no
/// password but its keyed digest, with a key that this process alone has; another hash in the settings makes another digest.
/// </summary>
internal sealed class VerifiedPasswords
{
    private const int Most = 4096;

    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<UInt128, byte> _right = new();

    public UInt128 DigestOf(string user, string password, PasswordHash hash)
    {
        var text = Encoding.UTF8.GetBytes($"{user}\0{hash.Text}\0{password}");
        Span<byte> digest = stackalloc byte[32];
        HMACSHA256.HashData(_key, text, digest);
        return BitConverter.ToUInt128(digest);
    }

    public bool IsKnown(UInt128 digest) => _right.ContainsKey(digest);

    public void Keep(UInt128 digest)
    {
        // More than a house has users: somebody changes passwords all the time, and begins anew.
        if (_right.Count >= Most)
        {
            _right.Clear();
        }

        _right[digest] = 0;
    }
}
