using System.Net;
using System.Text;
using Edge.Services;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Edge.Access;

/// <summary>Names and passwords as browsers ask for them (RFC 7617).</summary>
/// <param name="users">Who has a password.</param>
/// <param name="isBanned">Whether a client is let in nowhere by now.</param>
internal sealed class BasicAuth(UserTable users, Func<IPAddress, bool> isBanned) : IDisposable
{
    private const string Scheme = "Basic ";
    private const int MostCredentials = 2048;
    private const int MostWaiting = 32;
    private const int MostWaitingOfOne = 4;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly VerifiedPasswords _verified = new();

    // A hash takes a core for a good part of a second: guesses get one of them and no more.
    private readonly SemaphoreSlim _turn = new(1, 1);

    // A browser or a program sends many requests with the same password at once: they wait for one answer, in one place.
    private readonly Dictionary<Guess, Task<bool?>> _waiting = [];

    /// <summary>Null when the client is one of the service's users, and its <see cref="Identity"/> is known then.</summary>
    public ValueTask<AccessRefusal?> CheckAsync(HttpContext context, string service, ServiceAccess access)
    {
        if (Read(context.Request.Headers.Authorization.ToString()) is not var (user, password))
        {
            return ValueTask.FromResult<AccessRefusal?>(Ask(service));
        }

        var known = users.All.TryGetValue(user, out var hash) && (access.Users.IsEmpty || access.Users.Contains(user));
        // A name that is not there takes as long as one that is, or the time would tell which are.
        hash ??= users.StandIn(user);
        var digest = _verified.DigestOf(user, password, hash);
        if (known && _verified.IsKnown(digest))
        {
            Attach(context, user);
            return ValueTask.FromResult<AccessRefusal?>(null);
        }

        return WaitAsync(context, service, user, password, hash, known, digest);
    }

    public void Dispose() => _turn.Dispose();

    private async ValueTask<AccessRefusal?> WaitAsync(HttpContext context, string service, string user, string password, PasswordHash hash, bool isKnown, UInt128 digest)
    {
        var client = AccessControl.ClientOf(context);
        if (Share(new Guess(ClientKey.Of(client), digest, isKnown), client, password, hash) is not { } waiting)
        {
            return new AccessRefusal(StatusCodes.Status503ServiceUnavailable, "Too many are logging in", "Passwords are being checked for many clients at this moment. Try again in a few seconds.")
            {
                Header = new(HeaderNames.RetryAfter, "5"),
            };
        }

        switch (await waiting.WaitAsync(context.RequestAborted))
        {
            case null:
                return new AccessRefusal(StatusCodes.Status403Forbidden, "Your address is shut out for a while", "Too many passwords that came from it were wrong. Try again later.");
            case true when isKnown:
                Attach(context, user);
                return null;
            default:
                return Ask(service) with { Offence = OffenceKind.Auth };
        }
    }

    // No client keeps the others from their turn. The check is nobody's who waits for it: the first of them may leave.
    private Task<bool?>? Share(Guess guess, IPAddress client, string password, PasswordHash hash)
    {
        lock (_waiting)
        {
            if (_waiting.TryGetValue(guess, out var same))
            {
                return same;
            }

            if (_waiting.Count == MostWaiting || _waiting.Keys.Count(other => other.Client == guess.Client) == MostWaitingOfOne)
            {
                return null;
            }

            // It takes tens of milliseconds, on purpose: not on the thread that carries other people's connections.
            return _waiting[guess] = Task.Run(() => VerifyAsync(guess, client, password, hash));
        }
    }

    // Null for a client that is banned by now: what came before it may have been too much.
    private async Task<bool?> VerifyAsync(Guess guess, IPAddress client, string password, PasswordHash hash)
    {
        try
        {
            await _turn.WaitAsync();
            try
            {
                return isBanned(client) ? null : (guess.IsKnown && _verified.IsKnown(guess.Digest)) || IsRight(guess, password, hash);
            }
            finally
            {
                _turn.Release();
            }
        }
        finally
        {
            lock (_waiting)
            {
                _waiting.Remove(guess);
            }
        }
    }

    private bool IsRight(Guess guess, string password, PasswordHash hash)
    {
        var right = hash.Verify(password);
        if (right && guess.IsKnown)
        {
            _verified.Keep(guess.Digest);
        }

        return right;
    }

    private static AccessRefusal Ask(string service) => new(StatusCodes.Status401Unauthorized, "A name and a password are needed", "This service is for users with a password.")
    {
        Header = new(HeaderNames.WWWAuthenticate, $"Basic realm=\"{service}\", charset=\"UTF-8\""),
    };

    private static void Attach(HttpContext context, string user) =>
        new Identity([new(IdentityHeaders.User, user)], HidesAuthorization: true).Attach(context);

    private static (string User, string Password)? Read(string header)
    {
        if (!header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) || header.Length > MostCredentials)
        {
            return null;
        }

        var bytes = new byte[header.Length];
        if (!Convert.TryFromBase64String(header[Scheme.Length..].Trim(), bytes, out var length))
        {
            return null;
        }

        try
        {
            var text = Strict.GetString(bytes, 0, length);
            var colon = text.IndexOf(':');
            return colon <= 0 ? null : (text[..colon], text[(colon + 1)..]);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }

    private readonly record struct Guess(ClientKey Client, UInt128 Digest, bool IsKnown);
}
