using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>What browsers are told by Strict-Transport-Security (RFC 6797): for how long they speak nothing but HTTPS with a host.</summary>
internal sealed record HstsRule
{
    private static readonly TimeSpan[] Beginnings = [TimeSpan.FromMinutes(5), TimeSpan.FromDays(1)];

    /// <summary>Takes back what browsers were told before.</summary>
    public static readonly HstsRule Off = new(TimeSpan.Zero, false, false, false);

    /// <param name="maxAge">For how long, once it has proven itself.</param>
    /// <param name="includeSubdomains">With every name below the host as well.</param>
    /// <param name="preload">Browsers may have it in the list they come with.</param>
    /// <param name="force">Said even where the certificate is not one that everybody trusts.</param>
    public HstsRule(TimeSpan maxAge, bool includeSubdomains, bool preload, bool force)
    {
        (MaxAge, IncludesSubdomains, Preloads, IsForced) = (maxAge, includeSubdomains, preload, force);
        var more = includeSubdomains ? "; includeSubDomains" : "";
        Steps = [.. Beginnings.Select(beginning => Text(beginning < maxAge ? beginning : maxAge) + more), Text(maxAge) + more + (preload ? "; preload" : "")];
    }

    public TimeSpan MaxAge { get; }

    public bool IncludesSubdomains { get; }

    public bool Preloads { get; }

    public bool IsForced { get; }

    public bool IsOff => MaxAge == TimeSpan.Zero;

    /// <summary>The values of the header: the first, the second, and the one for good.</summary>
    public ValueList<string> Steps { get; }

    /// <summary>As it would be written.</summary>
    public override string ToString() => IsOff ? "off" : $"{DurationText.Format(MaxAge)}{(IncludesSubdomains ? " include-subdomains" : "")}{(Preloads ? " preload" : "")}{(IsForced ? " force" : "")}";

    private static string Text(TimeSpan age) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"max-age={(long)age.TotalSeconds}");
}
