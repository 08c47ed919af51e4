using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.AcmeDns;

/// <summary>Who may register.</summary>
/// <param name="setup">Says so.</param>
internal sealed class RegistrationGate(AcmeDnsSetup setup)
{
    /// <summary>Whether a client may; who shows a wrong key is noted.</summary>
    public bool MayBegin(HttpContext context, IPAddress client)
    {
        if (setup.Options.Register == RegistrationRight.Nobody || (setup.Options.Register == RegistrationRight.Lan && !setup.IsLan(client)))
        {
            return false;
        }

        if (setup.Options.Key is not { } key)
        {
            return true;
        }

        var shown = ShownKey(context.Request.Headers.Authorization.ToString());
        if (CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), Encoding.UTF8.GetBytes(key)))
        {
            return true;
        }

        // Who shows none has guessed nothing; a page of any site can ask so in its visitor's name.
        if (shown.Length > 0)
        {
            setup.Refused(client);
        }

        return false;
    }

    // Clients know no key of their own for this, but a URL may bring one: https://any:KEY@nas.example.com/acme-dns.
    private static string ShownKey(string authorization)
    {
        if (authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            return authorization["Bearer ".Length..].Trim();
        }

        var bytes = new byte[authorization.Length];
        return authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase) && Convert.TryFromBase64String(authorization["Basic ".Length..].Trim(), bytes, out var length)
            ? Encoding.UTF8.GetString(bytes, 0, length).Split(':', 2)[^1]
            : "";
    }
}
