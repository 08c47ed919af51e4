using System.Collections.Immutable;
using Edge.Dns.Listeners;
using Edge.Dns.Zones;
using Edge.Settings;

namespace Edge.Admin;

/// <summary>Reads every file as a start would, without opening a socket or writing anything.</summary>
internal static class FileCheck
{
    /// <param name="options">The settings, with their own problems already in <paramref name="problems"/>.</param>
    /// <param name="problems">The problems of edge.yaml.</param>
    public static FileCheckReport Of(EdgeOptions options, ProblemList problems)
    {
        ImmutableArray<string> views = [.. options.Views.Select(view => view.Name)];
        var zones = ZoneFileSource.Check(options.PathOf(options.Zones), options.Zones, views);
        using var read = RouteReading.Of(options);
        ImmutableArray<string> errors =
        [
            .. problems.All.Select(problem => problem.ToString()),
            .. problems.Remarks.Where(remark => remark.IsMistake).Select(remark => remark.Problem.ToString()),
            .. options.MissingFolders.Select(problem => problem.ToString()),
            .. zones.Where(problem => problem.IsError).Select(problem => problem.ToString()),
            .. read.Problems,
            .. StreamCheck.Of(options, read.Services),
            .. AccessCheck.Of(options, read.Services),
            .. ZoneSettingsCheck.Mistakes(options),
        ];
        return new FileCheckReport(
            [.. errors.Distinct()],
            [
                .. zones.Where(problem => !problem.IsError).Select(problem => problem.ToString()),
                .. Missing(options),
                .. problems.Remarks.Where(remark => !remark.IsMistake).Select(remark => remark.Problem.ToString()),
                .. FilterCheck.Of(options),
                .. OutwardCheck.Of(options),
                .. HstsCheck.Of(options, read.Services),
                .. WayInCheck.Of(options),
                .. ZoneSettingsCheck.Of(options),
                .. EngineCheck.Of(options),
                .. NeighbourCheck.Of(options, read.Services),
            ],
            CountZones(options),
            read.Services.Count,
            read.Routes.Current.Entries.Count(entry => !entry.Id.StartsWith("service:", StringComparison.Ordinal)));
    }

    // What a setting asks for and this machine has not: no mistake, but something to know.
    private static IEnumerable<string> Missing(EdgeOptions options) =>
        options.Dns.Transports.Quic.Length > 0 && !EncryptedEndPoints.QuicIsSupported
            ? [$"{options.Places.Of("dns", "quic-listen")}: this machine has no libmsquic, so DNS over QUIC is not served; install the package of that name"]
            : [];

    private static int CountZones(EdgeOptions options) =>
        Directory.Exists(options.PathOf(options.Zones)) ? Directory.EnumerateFiles(options.PathOf(options.Zones), "*.zone").Count() : 0;
}
