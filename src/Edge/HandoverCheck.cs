using System.Net;
using System.Net.Sockets;
using Edge.Admin;
using Edge.Connections;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;

namespace Edge;

/// <summary>
/// Looks, before another process takes over, at all that it would read: it begins with what the files say now, while this
/// one also serves what they said before a slip, or before a drive was unplugged.
/// </summary>
/// <param name="config">The path of edge.yaml.</param>
/// <param name="running">The settings that serve.</param>
/// <param name="host">What is served.</param>
/// <param name="units">What it serves by and cannot close.</param>
internal sealed class HandoverCheck(string config, EdgeOptions running, EdgeHost host, UnitSockets units)
{
    /// <summary>What the other process would not take, or would not serve though this one does, a line each; null for nothing.</summary>
    public string? Mistakes()
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Load(config, problems);
        string[] wrong = problems.Any
            ? [.. problems.All.Select(problem => problem.ToString())]
            : [.. Data(options), .. Ports(options), .. Zones(options), .. Routes(options)];
        return wrong.Length == 0 ? null : string.Join(Environment.NewLine, wrong.Distinct().Select(line => "  " + line));
    }

    // In another folder it would not wait for this process.
    private IEnumerable<string> Data(EdgeOptions options) => options.PathOf(options.Data) == running.PathOf(running.Data)
        ? []
        : [$"data: {options.Data} is another folder than that of the running process: restart instead"];

    // What the running process has, the other one is given, or it is closed before the other one opens what it is a part of.
    private IEnumerable<string> Ports(EdgeOptions options)
    {
        var has = running.TcpEndPoints.GroupBy(pair => pair.Setting).SelectMany(group => Opened(group.Select(pair => pair.EndPoint).ToList())).ToHashSet();
        var all = has.Concat(options.TcpEndPoints.Select(pair => pair.EndPoint)).ToList();
        foreach (var group in options.TcpEndPoints.GroupBy(pair => pair.Setting))
        {
            foreach (var endPoint in Opened(group.Select(pair => pair.EndPoint).ToList()).Where(endPoint => !has.Contains(endPoint)))
            {
                if ((IsPart(endPoint, has) ? PortCheck.WrongAddress(endPoint, group.Key) : PortCheck.Wrong(endPoint, group.Key, AnyAddress.IsIPv6Only(endPoint, all))) is { } wrong)
                {
                    yield return Own(endPoint, has) is { } own ? $"{endPoint} ({group.Key}) cannot be opened beside {own}, which the running process has: restart instead of a reload" : wrong;
                }
            }
        }
    }

    // What stands in the way is this process's own: of two addresses one takes in the other.
    private static IPEndPoint? Own(IPEndPoint endPoint, IEnumerable<IPEndPoint> has) => has.FirstOrDefault(other =>
        other.Port == endPoint.Port && other.AddressFamily == endPoint.AddressFamily && (IsAny(other.Address) || IsAny(endPoint.Address)));

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private IEnumerable<IPEndPoint> Opened(List<IPEndPoint> wanted) => wanted.Where(endPoint => !units.Covers(endPoint, wanted));

    // Of [::], which the running process has for both families and closes: none of a unit.
    private bool IsPart(IPEndPoint endPoint, IEnumerable<IPEndPoint> has) =>
        endPoint.AddressFamily == AddressFamily.InterNetwork && new IPEndPoint(IPAddress.IPv6Any, endPoint.Port) is var any && running.WebEndPoints.Contains(any) && AnyAddress.IsBoth(any, has) && !units.HasBoth(any.Port);

    private IEnumerable<string> Zones(EdgeOptions options) => options.PathOf(options.Zones) == running.PathOf(running.Zones)
        ? host.LookForKeptZones().Select(problem => problem.ToString())
        : Trouble(options.PathOf(options.Zones), options.Zones);

    private IEnumerable<string> Routes(EdgeOptions options)
    {
        var (folder, isSame) = (options.PathOf(options.Routes), options.PathOf(options.Routes) == running.PathOf(running.Routes));
        var services = host.Services.Services.Where(service => service.Source == SourceKind.File).Select(service => service.Name).ToList();
        var routes = host.Routes.Entries.Where(entry => !entry.IsService).Select(entry => entry.Id).ToList();
        var trouble = Trouble(folder, options.Routes).ToList();
        if (trouble.Count > 0)
        {
            // Who has never had such a folder needs none now.
            return isSame && services.Count + routes.Count == 0 ? [] : trouble;
        }

        using var read = RouteReading.Of(options);
        var found = read.Routes.Current.Entries.Select(entry => entry.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var lost = services.Any(name => read.Services.ByName(name) is null) || routes.Any(id => !found.Contains(id));

        // Without mistakes somebody has taken it out, just now.
        return lost ? [.. read.Problems] : [];
    }

    private static IEnumerable<string> Trouble(string folder, string shownAs)
    {
        try
        {
            if (!Directory.Exists(folder))
            {
                return [$"{shownAs}: the folder is gone (restore it, or make it anew and empty to remove what its files said)"];
            }

            _ = Directory.EnumerateFileSystemEntries(folder).Any();
            return [];
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return [$"{shownAs}: cannot be read: {wrong.Message}"];
        }
    }
}
