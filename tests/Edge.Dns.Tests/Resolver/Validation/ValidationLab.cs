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
    private readonly Peer _server;

    private ValidationLab(string anchor, Func<string, Peer> start)
    {
        Anchor = anchor;
        _server = start(_folder);
    }

    /// <summary>The root's DS, as text.</summary>
    public string Anchor { get; private set; }

    /// <summary>The zones it serves.</summary>
    public List<Name> Zones { get; } = [];

    public IPEndPoint Authority => _server.EndPoint;

    /// <summary>Signs everything and starts the server.</summary>
    public static async Task<ValidationLab> StartAsync(IReadOnlyList<LabZone> zones)
    {
        var served = new List<SharedZone>();
        var anchor = "";
        var lab = new ValidationLab("", folder =>
        {
            var delegations = zones.ToDictionary(zone => zone, zone => Make(folder, zone, LabZones.TextOf(zone), served));
            var top = zones.Where(zone => zone.Name.Count(c => c == '.') == 1);
            var lab = Make(folder, new LabZone("lab"), "$ORIGIN lab.\n$TTL 300\n@ SOA ns h 1 7200 900 1209600 60\n@ NS ns\nns A 127.0.0.1\n"
                + string.Concat(top.Select(zone => $"{zone.Name}. NS ns.{zone.Name}.\nns.{zone.Name}. A 127.0.0.1\n{delegations[zone]}\n")), served);
            anchor = Make(folder, new LabZone("."), $"$ORIGIN .\n$TTL 300\n@ SOA ns.lab. h.lab. 1 7200 900 1209600 60\n@ NS ns.lab.\nlab NS ns.lab.\nns.lab A 127.0.0.1\n{lab}\n", served);
            return Peer.Nsd(served);
        });
        lab.Anchor = anchor;
        lab.Zones.AddRange(served.Select(zone => zone.Origin));
        await lab._server.ReadyAsync(served);
        return lab;
    }

    public void Dispose()
    {
        _server.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Returns the DS lines for the parent.
    private static string Make(string folder, LabZone zone, string text, List<SharedZone> served)
    {
        var origin = zone.Name == "." ? "." : zone.Name + ".";
        var file = Path.Combine(folder, zone.Name == "." ? "root" : zone.Name);
        var signed = file + ".signed";
        var ds = "";
        if (zone.Algorithm is null)
        {
            File.WriteAllText(signed, text);
        }
        else
        {
            var keys = Enumerable.Range(0, zone.Keys).Select(_ => Run("dnssec-keygen", ["-q", "-K", folder, "-a", zone.Algorithm, .. zone.Algorithm.StartsWith("RSA", StringComparison.Ordinal) ? ["-b", "2048"] : Array.Empty<string>(), "-f", "KSK", origin]).Trim()).ToList();
            File.WriteAllText(file, text + string.Concat(keys.Select(key => File.ReadAllText(Path.Combine(folder, key + ".key")))));
            Run("dnssec-signzone", ["-q", "-z", "-P", "-O", "full", "-K", folder, "-o", origin, "-f", signed, .. zone.Sign, file]);
            File.WriteAllLines(signed, zone.Spoil(Plain(File.ReadAllLines(signed))));
            ds = zone.Delegation is null ? "" : zone.Delegation(DelegationOf([.. zone.Digest.Split(' '), Path.Combine(folder, keys[0])]));
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
