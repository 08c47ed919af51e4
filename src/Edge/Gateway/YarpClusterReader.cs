using System.Security.Authentication;
using Edge.Settings;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Reads one cluster in YARP's schema.</summary>
internal static class YarpClusterReader
{
    public static ClusterConfig Read(string id, YarpFields fields, ProblemList problems)
    {
        var cluster = new ClusterConfig
        {
            ClusterId = id,
            LoadBalancingPolicy = fields.Text("LoadBalancingPolicy"),
            SessionAffinity = fields.Section("SessionAffinity") is { } affinity ? Affinity(affinity, problems) : null,
            HealthCheck = fields.Section("HealthCheck") is { } health ? Health(health) : null,
            HttpClient = fields.Section("HttpClient") is { } client ? Client(client, problems) : null,
            HttpRequest = fields.Section("HttpRequest") is { } request ? Request(request) : null,
            Metadata = fields.TextMap("Metadata"),
            Destinations = Destinations(fields, problems),
        };
        fields.Done();
        return cluster;
    }

    private static Dictionary<string, DestinationConfig> Destinations(YarpFields fields, ProblemList problems)
    {
        var destinations = new Dictionary<string, DestinationConfig>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, destination) in fields.Named("Destinations"))
        {
            var config = new DestinationConfig
            {
                Address = destination.Text("Address") ?? "",
                Health = destination.Text("Health"),
                Host = destination.Text("Host"),
                Metadata = destination.TextMap("Metadata"),
            };
            destination.Done();
            var wrong = !Uri.TryCreate(config.Address, UriKind.Absolute, out var uri) ? "is not an absolute URI, such as http://192.168.1.10:8000" : ServiceRoutes.Wrong(uri);
            if (wrong is not null)
            {
                problems.Add(destination.Node("Address") ?? destination.Map, $"the address \"{config.Address}\" {wrong}");
            }

            destinations[name] = config;
        }

        if (destinations.Count == 0)
        {
            problems.Add(fields.Map, "has no Destinations", "a cluster needs at least one: \"Destinations\": { \"one\": { \"Address\": \"http://192.168.1.10:8000\" } }");
        }

        return destinations;
    }

    private static SessionAffinityConfig Affinity(YarpFields fields, ProblemList problems)
    {
        var affinity = new SessionAffinityConfig
        {
            Enabled = fields.Switch("Enabled"),
            Policy = fields.Text("Policy"),
            FailurePolicy = fields.Text("FailurePolicy"),
            AffinityKeyName = fields.Text("AffinityKeyName") ?? "",
            Cookie = fields.Section("Cookie") is { } cookie ? Cookie(cookie) : null,
        };
        if (affinity.AffinityKeyName.Length == 0 && affinity.Enabled is true)
        {
            problems.Add(fields.Map, "names no AffinityKeyName", "the name of the cookie or header that remembers the destination");
        }

        fields.Done();
        return affinity;
    }

    private static SessionAffinityCookieConfig Cookie(YarpFields fields)
    {
        var cookie = new SessionAffinityCookieConfig
        {
            Path = fields.Text("Path"),
            Domain = fields.Text("Domain"),
            HttpOnly = fields.Switch("HttpOnly"),
            SecurePolicy = fields.Word<CookieSecurePolicy>("SecurePolicy"),
            SameSite = fields.Word<SameSiteMode>("SameSite"),
            Expiration = fields.Time("Expiration"),
            MaxAge = fields.Time("MaxAge"),
            IsEssential = fields.Switch("IsEssential"),
        };
        fields.Done();
        return cookie;
    }

    private static HealthCheckConfig Health(YarpFields fields)
    {
        var health = new HealthCheckConfig
        {
            Passive = fields.Section("Passive") is { } passive ? Passive(passive) : null,
            Active = fields.Section("Active") is { } active ? Active(active) : null,
            AvailableDestinationsPolicy = fields.Text("AvailableDestinationsPolicy"),
        };
        fields.Done();
        return health;
    }

    private static PassiveHealthCheckConfig Passive(YarpFields fields)
    {
        var passive = new PassiveHealthCheckConfig
        {
            Enabled = fields.Switch("Enabled"),
            Policy = fields.Text("Policy"),
            ReactivationPeriod = fields.Time("ReactivationPeriod"),
        };
        fields.Done();
        return passive;
    }

    private static ActiveHealthCheckConfig Active(YarpFields fields)
    {
        var active = new ActiveHealthCheckConfig
        {
            Enabled = fields.Switch("Enabled"),
            Interval = fields.Time("Interval"),
            Timeout = fields.Time("Timeout"),
            Policy = fields.Text("Policy"),
            Path = fields.Text("Path"),
            Query = fields.Text("Query"),
        };
        fields.Done();
        return active;
    }

    private static HttpClientConfig Client(YarpFields fields, ProblemList problems)
    {
        var client = new HttpClientConfig
        {
            SslProtocols = Protocols(fields, problems),
            DangerousAcceptAnyServerCertificate = fields.Switch("DangerousAcceptAnyServerCertificate"),
            MaxConnectionsPerServer = fields.Number("MaxConnectionsPerServer"),
            EnableMultipleHttp2Connections = fields.Switch("EnableMultipleHttp2Connections"),
            RequestHeaderEncoding = fields.Text("RequestHeaderEncoding"),
            ResponseHeaderEncoding = fields.Text("ResponseHeaderEncoding"),
            WebProxy = fields.Section("WebProxy") is { } proxy ? Proxy(proxy, problems) : null,
        };
        fields.Done();
        return client;
    }

    private static SslProtocols? Protocols(YarpFields fields, ProblemList problems)
    {
        SslProtocols? all = null;
        foreach (var name in fields.Texts("SslProtocols") ?? [])
        {
            if (Enum.TryParse<SslProtocols>(name, ignoreCase: true, out var one))
            {
                all = (all ?? SslProtocols.None) | one;
            }
            else
            {
                problems.Add(fields.Node("SslProtocols")!, $"\"{name}\" is not a version of TLS", "Tls12 or Tls13");
            }
        }

        return all;
    }

    private static WebProxyConfig Proxy(YarpFields fields, ProblemList problems)
    {
        var address = fields.Text("Address");
        if (!Uri.TryCreate(address, UriKind.Absolute, out var uri))
        {
            problems.Add(fields.Map, "needs an absolute URI as Address");
        }

        var proxy = new WebProxyConfig { Address = uri, BypassOnLocal = fields.Switch("BypassOnLocal"), UseDefaultCredentials = fields.Switch("UseDefaultCredentials") };
        fields.Done();
        return proxy;
    }

    private static ForwarderRequestConfig Request(YarpFields fields)
    {
        var versionText = fields.Text("Version");
        var request = new ForwarderRequestConfig
        {
            ActivityTimeout = fields.Time("ActivityTimeout"),
            Version = Version.TryParse(versionText?.Contains('.') is false ? versionText + ".0" : versionText, out var version) ? version : null,
            VersionPolicy = fields.Word<HttpVersionPolicy>("VersionPolicy"),
            AllowResponseBuffering = fields.Switch("AllowResponseBuffering"),
        };
        fields.Done();
        return request;
    }
}
