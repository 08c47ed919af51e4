using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Access;

/// <summary>Another server that says who may: Authelia, Authentik and their like.</summary>
/// <param name="Url">Where it is asked.</param>
/// <param name="Headers">The headers of its answer that go to the service; a name that ends in "*" stands for all that begin so.</param>
internal sealed record ForwardAuthOptions(Uri Url, ImmutableArray<string> Headers)
{
    public bool Equals(ForwardAuthOptions? other) => other is not null && Url == other.Url && Headers.SequenceEqual(other.Headers);

    public override int GetHashCode() => Url.GetHashCode();

    public static ForwardAuthOptions? Read(MapReader section)
    {
        var url = section.Text("url");
        var headers = section.List("headers", "the name of a header, or its beginning and *", static text => IsName(text.TrimEnd('*')) ? text : null);
        section.Done();
        if (url is null)
        {
            section.Problems.Add(new Problem(section.Map.File, section.Map.Line, section.Map.Path + ".url", "is missing", "say where the server is asked: http://127.0.0.1:9091/api/authz/forward-auth"));
            return null;
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var asked) || asked.Scheme is not ("http" or "https") || asked.Host.Length == 0 || asked.UserInfo.Length > 0)
        {
            section.Problems.Add(section.Node("url")!, $"\"{url}\" is not an http or https URL", "http://127.0.0.1:9091/api/authz/forward-auth");
            return null;
        }

        foreach (var header in headers.Where(header => !IdentityHeaders.IsIdentity(header.TrimEnd('*').PadRight(header.Length, 'x')) ))
        {
            section.Problems.Add(section.Node("headers")!, $"\"{header}\" is not a header that only this gateway may set", "names begin with Remote-, X-Remote-, X-Authentik-, X-Auth-Request- or X-Forwarded-User, -Groups, -Email: what strangers send under these is dropped");
        }

        return new ForwardAuthOptions(asked, headers.Count == 0 ? ["Remote-*", "X-Authentik-*"] : [.. headers]);
    }

    /// <summary>Whether a header of the answer goes to the service.</summary>
    public bool Passes(string name)
    {
        foreach (var header in Headers)
        {
            if (header.EndsWith('*') ? name.AsSpan().StartsWith(header.AsSpan(0, header.Length - 1), StringComparison.OrdinalIgnoreCase) : name.Equals(header, StringComparison.OrdinalIgnoreCase))
            {
                return IdentityHeaders.IsIdentity(name);
            }
        }

        return false;
    }

    private static bool IsName(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
