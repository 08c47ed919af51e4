using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Makes and checks server cookies (RFC 9018). Every server with the same secret makes the same ones, so a fleet that
/// shares an address shares a secret.
/// </summary>
public sealed class ServerCookies
{
    /// <summary>Bytes of a client's cookie (RFC 7873 §4).</summary>
    public const int ClientLength = 8;

    /// <summary>Bytes of a server's cookie: version, three reserved, a time, a hash (RFC 9018 §4).</summary>
    public const int ServerLength = 16;

    // RFC 9018 §4.3: good for an hour back and five minutes ahead, and made anew after half an hour.
    private const int OldestAge = 3600;
    private const int FurthestAhead = 300;
    private const int RenewalAge = 1800;
    private const byte Version = 1;
    private const int HashOffset = 8;

    private volatile Secrets _secrets;

    /// <summary>Uses these secrets.</summary>
    /// <param name="secrets">Sixteen bytes each. The first makes cookies, all are accepted.</param>
    public ServerCookies(ImmutableArray<byte[]> secrets) => _secrets = Checked(secrets);

    /// <summary>Takes other secrets; cookies of the old ones stay good if the new list still has them.</summary>
    /// <param name="secrets">Sixteen bytes each. The first makes cookies, all are accepted.</param>
    public void Use(ImmutableArray<byte[]> secrets) => _secrets = Checked(secrets);

    /// <summary>A random secret of sixteen bytes.</summary>
    public static byte[] NewSecret() => RandomNumberGenerator.GetBytes(SipHash.KeyLength);

    /// <summary>What the option proves.</summary>
    /// <param name="option">The data of the COOKIE option, well-formed; empty for none.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="now">Seconds since 1970.</param>
    internal CookieState Check(ReadOnlySpan<byte> option, ClientAddress client, long now)
    {
        if (option.Length <= ClientLength)
        {
            return option.IsEmpty ? CookieState.None : CookieState.ClientOnly;
        }

        var server = option[ClientLength..];
        if (server.Length != ServerLength || server[0] != Version || !IsTimely(Age(server, now)))
        {
            return CookieState.Bad;
        }

        Span<byte> hash = stackalloc byte[8];
        foreach (var secret in _secrets.All)
        {
            WriteHash(secret, option, client, hash);
            if (CryptographicOperations.FixedTimeEquals(hash, server[HashOffset..]))
            {
                return CookieState.Good;
            }
        }

        return CookieState.Bad;
    }

    /// <summary>
    /// Writes the data of the answer's COOKIE option: the client's cookie and one of ours; the one it sent if that is
    /// good and young.
    /// </summary>
    /// <param name="option">The data of the query's COOKIE option.</param>
    /// <param name="state">What <see cref="Check"/> said of it.</param>
    /// <param name="client">Who sent it.</param>
    /// <param name="now">Seconds since 1970.</param>
    /// <param name="answer">Receives 24 bytes.</param>
    internal void Write(ReadOnlySpan<byte> option, CookieState state, ClientAddress client, long now, Span<byte> answer)
    {
        option[..ClientLength].CopyTo(answer);
        var server = answer.Slice(ClientLength, ServerLength);
        if (state == CookieState.Good && Age(option[ClientLength..], now) is >= 0 and < RenewalAge)
        {
            option[ClientLength..].CopyTo(server);
            return;
        }

        server.Clear();
        server[0] = Version;
        BinaryPrimitives.WriteUInt32BigEndian(server[4..], (uint)now);
        WriteHash(_secrets.All[0], answer, client, server[HashOffset..]);
    }

    // Times are compared as serial numbers, for the year 2106 (RFC 9018 §4.3, RFC 1982).
    private static int Age(ReadOnlySpan<byte> server, long now) => (int)((uint)now - BinaryPrimitives.ReadUInt32BigEndian(server[4..]));

    private static bool IsTimely(int age) => age is >= -FurthestAhead and <= OldestAge;

    // RFC 9018 §4.4: client cookie, version, reserved, time, address.
    private static void WriteHash(byte[] secret, ReadOnlySpan<byte> cookies, ClientAddress client, Span<byte> hash)
    {
        const int Fixed = ClientLength + HashOffset;
        Span<byte> input = stackalloc byte[Fixed + 16];
        cookies[..Fixed].CopyTo(input);
        client.Write(input[Fixed..]);
        if (client.IsIPv4)
        {
            input[(Fixed + 12)..].CopyTo(input[Fixed..]);
            input = input[..(Fixed + 4)];
        }

        BinaryPrimitives.WriteUInt64LittleEndian(hash, SipHash.Compute(secret, input));
    }

    private static Secrets Checked(ImmutableArray<byte[]> secrets)
    {
        ArgumentOutOfRangeException.ThrowIfZero(secrets.Length);
        foreach (var secret in secrets)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(secret.Length, SipHash.KeyLength);
        }

        return new Secrets([.. secrets]);
    }

    private sealed record Secrets(byte[][] All);
}
