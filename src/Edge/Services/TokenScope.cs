using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>What a token may register.</summary>
/// <param name="Hosts">Host patterns: "photos.example.com" is that host, "*.nas.example.com" every host below nas.example.com (wildcards too), "*" every host.</param>
/// <param name="Services">Service names: "photos", "web-*", "*".</param>
internal sealed record TokenScope(ImmutableArray<string> Hosts, ImmutableArray<string> Services)
{
    /// <summary>It may register services for the view "lan" only.</summary>
    public bool IsForLanOnly { get; init; }

    /// <summary>The ports that it may have opened for services that are not HTTP: "2222", "30000-30100", "*"; none for no such services.</summary>
    public ImmutableArray<string> Ports { get; init; } = [];

    public bool AllowsPort(int port) => Ports.Any(pattern => PortPattern.Holds(pattern, port));

    public bool AllowsHost(string host) => Hosts.Any(pattern =>
        pattern == "*" || pattern == host || (pattern.StartsWith("*.", StringComparison.Ordinal) && host.EndsWith(pattern[1..], StringComparison.Ordinal)));

    public bool AllowsService(string name) => Services.Any(pattern =>
        pattern == name || (pattern.EndsWith('*') && name.StartsWith(pattern[..^1], StringComparison.Ordinal)));

    /// <summary>What is wrong with the scope; null when nothing is.</summary>
    public string? Problem()
    {
        if (Hosts.IsEmpty || Services.IsEmpty)
        {
            return "a token needs at least one host pattern and one service pattern; * stands for all";
        }

        foreach (var host in Hosts)
        {
            if (host != "*" && HostName.Read(host, out var message, out _) != host)
            {
                return $"host pattern {(message.Length > 0 ? message : $"\"{host}\" must be in lower case without a trailing dot")}";
            }
        }

        if (Ports.FirstOrDefault(port => !PortPattern.IsSound(port)) is { } noPort)
        {
            return $"port \"{noPort}\" is neither a port, such as 2222, nor a range, such as 30000-30100, nor *";
        }

        var wrong = Services.FirstOrDefault(name => name != "*" && !HostName.IsLabel(name.EndsWith('*') ? name[..^1] + "x" : name));
        return wrong is null ? null : $"service pattern \"{wrong}\" is not a service name, and not one with a * at its end";
    }
}
