using System.Net;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Tests.Signing;
using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>
/// A tree of zones from a root of its own, signed with BIND's tools and then spoilt, served by NSD; before it an Unbound that
/// only resolves, for Edge to ask, and one that validates.
/// </summary>
internal sealed class ValidationLab : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-validation-").FullName;
    private readonly List<SharedZone> _top = [];
    private readonly List<SharedZone> _leaves = [];
    private Peer? _upper;
    private Peer? _lower;

    /// <summary>The root's DS, as text.</summary>
    public string Anchor { get; private set; } = "";

    /// <summary>The server of the root and of "lab.".</summary>
    public IPEndPoint Authority => _upper!.EndPoint;

    /// <summary>The zones and who serves them.</summary>
    public IEnumerable<(Name Zone, IPEndPoint Server)> Zones =>
        _top.Select(zone => (zone.Origin, _upper!.EndPoint)).Concat(_leaves.Select(zone => (zone.Origin, _lower!.EndPoint)));

    /// <summary>Signs everything and starts the servers: one for the root and "lab.", one for all below.</summary>
    public static async Task<ValidationLab> StartAsync(IReadOnlyList<LabZone> zones)
    {
        var lab = new ValidationLab();
        try
        {
            var delegations = zones.ToDictionary(zone => zone, zone => lab.Make(zone, LabZones.TextOf(zone), lab._leaves));
            var cuts = zones.Where(zone => zone.Name.Count(c => c == '.') == 1)
                .Select(zone => $"{zone.Name}. NS ns.{zone.Name}.\nns.{zone.Name}. A 127.0.0.2\n{delegations[zone]}\n");
            var top = lab.Make(new LabZone("lab"), "$ORIGIN lab.\n$TTL 300\n@ SOA ns h 1 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\n" + string.Concat(cuts), lab._top);
            lab.Anchor = lab.Make(new LabZone("."), $"$ORIGIN .\n$TTL 300\n@ SOA ns.lab. h.lab. 1 7200 900 1209600 60\n@ NS ns.lab.\nlab NS ns.lab.\nns.lab A 127.0.0.1\n{top}\n", lab._top);
            var port = FreePorts.Next();
            lab._upper = Peer.Nsd(lab._top, new IPEndPoint(IPAddress.Loopback, port));
            lab._lower = Peer.Nsd(lab._leaves, new IPEndPoint(IPAddress.Parse("127.0.0.2"), port));
            await lab._upper.ReadyAsync(lab._top);
            await lab._lower.ReadyAsync(lab._leaves);
            return lab;
        }
        catch
        {
            lab.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        _upper?.Dispose();
        _lower?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Returns the DS lines for the parent.
    private string Make(LabZone zone, string text, List<SharedZone> served)
    {
        var origin = zone.Name == "." ? "." : zone.Name + ".";
        var file = Path.Combine(_folder, zone.Name == "." ? "root" : zone.Name);
        var signed = file + ".signed";
        var ds = "";
        if (zone.Algorithm is null)
        {
            File.WriteAllText(signed, text);
        }
        else
        {
            var keys = Enumerable.Range(0, zone.Keys).Select(_ => Run("dnssec-keygen", ["-q", "-K", _folder, "-a", zone.Algorithm, .. zone.Algorithm.StartsWith("RSA", StringComparison.Ordinal) ? ["-b", "2048"] : Array.Empty<string>(), "-f", "KSK", origin]).Trim()).ToList();
            File.WriteAllText(file, text + string.Concat(keys.Select(key => File.ReadAllText(Path.Combine(_folder, key + ".key")))));
            Run("dnssec-signzone", ["-q", "-z", "-P", "-O", "full", "-K", _folder, "-o", origin, "-f", signed, .. zone.Sign, file]);
            File.WriteAllLines(signed, zone.Spoil(Plain(File.ReadAllLines(signed))));
            ds = zone.Delegation is null ? "" : zone.Delegation(DelegationOf([.. zone.Digest.Split(' '), Path.Combine(_folder, keys[0])]));
        }

        served.Add(new SharedZone(Name.Parse(origin), signed));
        return ds;
    }

    // Beside the record it may print a warning.
    private static string DelegationOf(string[] arguments) =>
        Run("dnssec-dsfromkey", arguments).Split('\n').Single(line => line.Contains(" IN DS ", StringComparison.Ordinal));

    // One record a line, single-spaced.
    private static IEnumerable<string> Plain(string[] lines) =>
        lines.Where(line => line.Length > 0 && line[0] is not (';' or '$')).Select(line => string.Join(' ', line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static string Run(string program, string[] arguments)
    {
        var (code, output) = Tool.Run(program, arguments);
        return code == 0 ? output : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {output}");
    }
}
