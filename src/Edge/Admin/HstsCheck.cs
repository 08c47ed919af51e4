using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;

namespace Edge.Admin;

/// <summary>What HSTS does beyond the one host, or for longer than somebody can take back.</summary>
internal static class HstsCheck
{
    /// <summary>A warning for each.</summary>
    public static IEnumerable<string> Of(EdgeOptions options, ServiceSet services) =>
    [
        .. options.Gateway.Hsts is { } rule ? Of(rule, options.Places.Of("gateway", "hsts"), "the host of every route") : [],
        .. from service in services.Services
           from route in service.Routing?.Routes.AsEnumerable() ?? []
           where route.Traffic.Hsts is not null
           from warning in Of(route.Traffic.Hsts!, $"{route.Where}: services.{service.Name}.hsts", string.Join(", ", service.Hosts))
           select warning,
    ];

    private static IEnumerable<string> Of(HstsRule rule, string where, string hosts)
    {
        if (rule.IncludesSubdomains)
        {
            yield return $"{where}: include-subdomains holds for every name below {hosts}, whoever serves it: for {DurationText.Format(rule.MaxAge)} browsers refuse plain HTTP and bad certificates there";
        }

        if (rule.Preloads)
        {
            yield return $"{where}: preload lets {hosts} be put into the lists that browsers come with; to be taken out of them takes months, and \"off\" does not do it";
        }

        if (rule.IsForced)
        {
            yield return $"{where}: force sends it even with a certificate that browsers do not trust: who has been there once then finds no way past their warning";
        }
    }
}
