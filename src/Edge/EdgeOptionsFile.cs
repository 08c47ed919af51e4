using System.Net;
using System.Text;
using Edge.Access;
using Edge.AcmeDns;
using Edge.AcmeServer;
using Edge.Admin;
using Edge.Certificates;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Docker;
using Edge.DynamicDns;
using Edge.Gateway;
using Edge.Names;
using Edge.Names.Filtering;
using Edge.Names.Multicast;
using Edge.Observability;
using Edge.Observability.Export;
using Edge.Outward;
using Edge.PortMapping;
using Edge.Settings;

namespace Edge;

/// <summary>Reads edge.yaml into <see cref="EdgeOptions"/>, collecting everything that is wrong with it.</summary>
internal static class EdgeOptionsFile
{
    public const string DefaultName = "edge.yaml";

    /// <summary>Reads the file; a file that is not there is a problem, an empty one is all defaults.</summary>
    /// <param name="path">The path as the user gave it.</param>
    /// <param name="problems">Receives what is wrong.</param>
    public static EdgeOptions Load(string path, ProblemList problems)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        var file = Path.GetRelativePath(Directory.GetCurrentDirectory(), path);
        problems.Reads(Path.GetFullPath(path));
        try
        {
            return Parse(Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(path, SettingFile.MostBytes)), file, problems, folder) with { Folder = folder };
        }
        catch (Exception missing) when (missing is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add(new Problem(file, 0, "", "is not there", "start Edge in the folder that holds edge.yaml, or name it with --config; an empty file means all defaults"));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            problems.Add(new Problem(file, 0, "", $"cannot be read: {unreadable.Message}"));
        }

        return new EdgeOptions { Folder = folder };
    }

    /// <summary>Reads the text of a settings file.</summary>
    /// <param name="text">The YAML text.</param>
    /// <param name="file">The file's name for problems.</param>
    /// <param name="problems">Receives what is wrong.</param>
    /// <param name="folder">Where relative files start.</param>
    public static EdgeOptions Parse(string text, string file, ProblemList problems, string folder = "/") =>
        YamlDocumentReader.Read(text, file, problems) is { } root ? Read(new MapReader(root, problems), folder) with { Places = new SettingPlaces(root, file) } : new EdgeOptions();

    private static EdgeOptions Read(MapReader root, string folder)
    {
        var defaults = new EdgeOptions();
        var views = root.Section("views") is { } stated ? ViewOptions.ReadAll(stated) : defaults.Views;
        var domain = HostName(root, "domain", minimumLabels: 1) ?? defaults.Domain;
        var node = HostName(root, "node", minimumLabels: 1) ?? defaults.Node;
        var multicast = MulticastOptions.Read(root);
        var options = new EdgeOptions
        {
            Domain = domain,
            Node = node,
            Data = root.Text("data") ?? defaults.Data,
            Zones = root.Text("zones") ?? defaults.Zones,
            Routes = root.Text("routes") ?? defaults.Routes,
            MissingFolders = [.. MissingFolders(root, folder)],
            Views = views,
            Dns = root.Section("dns") is { } dns ? DnsOptions.Read(dns, folder, [.. views.Select(view => view.Name)], Name.Parse(domain)) : defaults.Dns,
            Multicast = multicast,
            Hosts = HostSettings.ReadAll(root, Name.Parse(domain), Name.Parse($"{node}.{domain}"), multicast),
            Prefix = PrefixOptions.Read(root, Name.Parse(domain), Name.Parse($"{node}.{domain}")),
            Filter = root.Section("filter") is { } filter ? FilterOptions.Read(filter, folder) : defaults.Filter,
            Queries = QueryOptions.Read(root, folder),
            AccessLog = AccessLogOptions.Read(root, folder),
            AcmeDns = AcmeDnsOptions.Read(root),
            AcmeServer = AcmeServerOptions.Read(root),
            Outward = OutwardSettings.ReadAll(root, folder),
            DynamicDns = DynamicDnsOptions.Read(root),
            PortMapping = PortMappingOptions.Read(root),
            AddressEcho = AddressEchoOptions.Read(root),
            Metrics = MetricsOptions.Read(root.Section("metrics")),
            OpenTelemetry = ExportOptions.Read(root.Section("opentelemetry")),
            Docker = DockerOptions.Read(root, $"{node}.{domain}"),
            Gateway = GatewayOptions.Read(root.Section("gateway")),
            Access = AccessOptions.Read(root.Section("access"), folder, domain, $"{node}.{domain}"),
            Admin = root.Section("admin") is { } admin ? AdminOptions.Read(admin) : defaults.Admin,
            Certificates = CertificateOptions.Read(root.Section("certificates")),
        };
        root.Done();
        TellSharedEndPoints(root, options);
        return options;
    }

    // A default that nobody has made is somebody who does not need it.
    private static IEnumerable<Problem> MissingFolders(MapReader root, string folder)
    {
        foreach (var key in (string[])["zones", "routes"])
        {
            if (root.Node(key) is ScalarNode { Value: { } named } node && !Directory.Exists(Path.GetFullPath(named, folder)))
            {
                yield return new Problem(node.File, node.Line, node.Path, $"there is no folder {named}, so nothing of it is served", "mount or make it: it is read as soon as it is there");
            }
        }
    }

    private static void TellSharedEndPoints(MapReader root, EdgeOptions options)
    {
        var first = new Dictionary<IPEndPoint, string>();
        foreach (var (endPoint, setting) in options.TcpEndPoints)
        {
            if (endPoint.Port != 0 && !first.TryAdd(endPoint, setting))
            {
                var where = root.Node(setting.Split('.')[0]) ?? root.Node(first[endPoint].Split('.')[0]);
                root.Problems.Add(where!, $"{setting} and {first[endPoint]} are both {endPoint}: each needs a port of its own");
            }
        }
    }

    private static string? HostName(MapReader root, string key, int minimumLabels)
    {
        if (root.Text(key) is not { } text)
        {
            return null;
        }

        if (Name.TryParse(text, Name.Root, out var name, out var error) && name.LabelCount >= minimumLabels && IsHostName(text))
        {
            return name.ToHostString().ToLowerInvariant();
        }

        root.Problems.Add(root.Node(key)!, $"\"{text}\" is not a host name: {error ?? "letters, digits and hyphens, in labels separated by dots"}");
        return null;
    }

    private static bool IsHostName(string text) => text.TrimEnd('.').Split('.').All(label =>
        label.Length > 0 && label[0] != '-' && label[^1] != '-' && label.All(c => char.IsAsciiLetterOrDigit(c) || c == '-'));
}
