using Microsoft.AspNetCore.Http;

namespace Edge.Access;

/// <summary>The headers by which services are told who the client is. What a client itself says in them is dropped.</summary>
internal static class IdentityHeaders
{
    public const string User = "Remote-User";
    public const string Name = "Remote-Name";
    public const string Email = "Remote-Email";
    public const string Groups = "Remote-Groups";

    /// <summary>The client's certificate (RFC 9440 section 2.2).</summary>
    public const string ClientCertificate = "Client-Cert";

    /// <summary>The subject of the client's certificate.</summary>
    public const string ClientSubject = "Client-Cert-Subject";

    private static readonly string[] Prefixes = ["remote-", "client-cert", "x-remote-", "x-authentik-", "x-auth-request-", "x-forwarded-", "x-real-ip"];

    /// <summary>Whether it is one of them. An underscore counts as a hyphen: where headers become variables, both are one.</summary>
    public static bool IsIdentity(ReadOnlySpan<char> header)
    {
        // Nearly all headers begin otherwise.
        if (header.Length < 8 || (header[0] | 0x20) is not ('r' or 'x' or 'c'))
        {
            return false;
        }

        foreach (var prefix in Prefixes)
        {
            if (BeginsWith(header, prefix))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Takes what a client said about itself out of its request.</summary>
    public static void Strip(IHeaderDictionary headers)
    {
        List<string>? strange = null;
        foreach (var header in headers)
        {
            if (IsIdentity(header.Key) && !IsForwarded(header.Key))
            {
                (strange ??= []).Add(header.Key);
            }
        }

        foreach (var name in strange ?? [])
        {
            headers.Remove(name);
        }
    }

    // These have rules of their own: a route's transforms write them anew.
    private static bool IsForwarded(string header) => header.ToLowerInvariant() is "x-forwarded-for" or "x-forwarded-host" or "x-forwarded-proto" or "x-forwarded-prefix";

    private static bool BeginsWith(ReadOnlySpan<char> header, string prefix)
    {
        if (header.Length < prefix.Length)
        {
            return false;
        }

        for (var i = 0; i < prefix.Length; i++)
        {
            var c = header[i] == '_' ? '-' : (char)(header[i] | 0x20);
            if (c != prefix[i])
            {
                return false;
            }
        }

        return true;
    }
}
