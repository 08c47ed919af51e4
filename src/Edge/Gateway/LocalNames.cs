namespace Edge.Gateway;

/// <summary>Names that neighbours know without a server (NAME.local): no certificate is valid for them, so they lead to the name that has one.</summary>
/// <param name="hostOf">The host under which a service with this name is served; null for none.</param>
internal sealed class LocalNames(Func<string, string?> hostOf)
{
    private const string Local = ".local";

    /// <summary>No names.</summary>
    public static readonly LocalNames None = new(static _ => null);

    /// <summary>Where a request with this Host header belongs; null when it is an ordinary one.</summary>
    public string? HostOf(string header)
    {
        if (!header.Contains(Local, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        Span<char> buffer = stackalloc char[HostText.Longest];
        var host = HostText.Normalise(header, buffer);
        return host.EndsWith(Local, StringComparison.Ordinal) ? hostOf(host.ToString()) : null;
    }
}
