using System.Globalization;
using System.Runtime.CompilerServices;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>A destination that was asked whether it is well is healthy when it answers as expected, and unhealthy after several wrong answers in a row.</summary>
internal sealed class ExpectedStatusHealthPolicy(IDestinationHealthUpdater health) : IActiveHealthCheckPolicy
{
    public const string PolicyName = "ExpectedStatus";

    /// <summary>In the metadata of a cluster: "200-299 401".</summary>
    public const string Statuses = "Edge.HealthStatus";

    /// <summary>In the metadata of a cluster: how many wrong answers in a row.</summary>
    public const string Threshold = "Edge.HealthThreshold";

    private readonly ConditionalWeakTable<DestinationState, StrongBox<int>> _wrong = [];

    public string Name => PolicyName;

    /// <summary>Whether a status is one of those that stand as "200-299 401".</summary>
    public static bool IsExpected(int status, string statuses) => statuses.Split(' ').Any(range =>
    {
        var ends = range.Split('-');
        return int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out var least) && int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var most)
            && status >= least && status <= most;
    });

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        // A cluster in YARP's form may name this policy without the rest.
        var metadata = cluster.Model.Config.Metadata;
        var threshold = int.TryParse(metadata?.GetValueOrDefault(Threshold), NumberStyles.None, CultureInfo.InvariantCulture, out var said) ? Math.Max(said, 1) : 2;
        var statuses = metadata?.GetValueOrDefault(Statuses) ?? "200-299";
        health.SetActive(cluster, probingResults.Select(result =>
        {
            var wrong = _wrong.GetOrCreateValue(result.Destination);
            wrong.Value = result.Response is { } answer && IsExpected((int)answer.StatusCode, statuses) ? 0 : Math.Min(wrong.Value + 1, threshold);
            return new NewActiveDestinationHealth(result.Destination, wrong.Value >= threshold ? DestinationHealth.Unhealthy : wrong.Value == 0 ? DestinationHealth.Healthy : result.Destination.Health.Active);
        }).ToList());
    }
}
