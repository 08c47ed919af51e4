using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Observability;

/// <summary>The section <c>metrics</c> of edge.yaml: who may read the metrics beside this machine and the admins.</summary>
internal sealed record MetricsOptions
{
    private const int ShortestToken = 16;

    /// <summary>Endpoints of their own, for metrics, health and readiness and nothing else.</summary>
    public ImmutableArray<IPEndPoint> Listen { get; init; } = [];

    /// <summary>What a reader has to show; null: on <see cref="Listen"/> nothing, elsewhere an admin's token.</summary>
    public string? Token { get; init; }

    public static MetricsOptions Read(MapReader? section)
    {
        if (section is null)
        {
            return new MetricsOptions();
        }

        var options = new MetricsOptions { Listen = [.. section.EndPoints("listen")], Token = section.Text("token") };
        if (options.Token is { Length: < ShortestToken })
        {
            section.Problems.Add(section.Node("token")!, $"has fewer than {ShortestToken} characters and could be guessed", "such as the output of: openssl rand -hex 16");
        }

        section.Done();
        return options;
    }
}
