using System.Collections.Immutable;
using Edge.Dns.Listeners;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Admin;

/// <summary>Reads every file as a start would, without opening a socket or writing anything.</summary>
internal static class FileCheck
{
    /// <param name="options">The settings, with their own problems already in <paramref name="problems"/>.</param>
    /// <param name="problems">The problems of edge.yaml.</param>
    public static FileCheckReport Of(EdgeOptions options, ProblemList problems)
    {
        // 1. Zone files.
        ImmutableArray<string> views = [.. options.Views.Select(view => view.Name)];
        var zones = ZoneFileSource.Check(options.PathOf(options.Zones), options.Zones, views);

        // 2. Services in the short form, conflicts among them settled as a start would.
        var files = new FileServiceSource(options.PathOf(options.Routes), options.Routes, new ServiceReader(options.Domain, options.Node), TimeProvider.System, NullLogger<FileServiceSource>.Instance);
        files.Load();

        // 3. Routes: those of the services, and those in YARP's own form.
        using var gateway = Gateway(options);
        var routes = gateway.GetRequiredService<RouteTableManager>();
        gateway.GetRequiredService<RouteFileLoop>().Load();
        var catalog = new ServiceCatalog([files], NobodyReads.Instance, routes, NobodyReads.Instance, NullLogger<ServiceCatalog>.Instance);
        catalog.Publish();

        ImmutableArray<string> errors =
        [
            .. problems.All.Select(problem => problem.ToString()),
            .. problems.Remarks.Where(remark => remark.IsMistake).Select(remark => remark.Problem.ToString()),
            .. zones.Where(problem => problem.IsError).Select(problem => problem.ToString()),
            .. files.Problems.Select(problem => problem.ToString()),
            .. catalog.Current.Conflicts.Select(conflict => $"{conflict.Lost.Where}: {conflict.What} is already held by {conflict.Holder.Name} ({conflict.Holder.Where})"),
            .. AccessCheck.Of(options, catalog.Current),
            .. routes.Problems.Select(problem => problem.ToString()),
        ];
        return new FileCheckReport(
            [.. errors.Distinct()],
            [
                .. zones.Where(problem => !problem.IsError).Select(problem => problem.ToString()),
                .. Missing(options),
                .. problems.Remarks.Where(remark => !remark.IsMistake).Select(remark => remark.Problem.ToString()),
                .. FilterCheck.Of(options),
                .. HstsCheck.Of(options, catalog.Current),
                .. ZoneSettingsCheck.Of(options),
            ],
            CountZones(options),
            catalog.Current.Count,
            routes.Current.Entries.Count(entry => !entry.Id.StartsWith("service:", StringComparison.Ordinal)));
    }

    // What a setting asks for and this machine has not: no mistake, but something to know.
    private static IEnumerable<string> Missing(EdgeOptions options) =>
        options.Dns.Transports.Quic.Length > 0 && !EncryptedEndPoints.QuicIsSupported
            ? ["edge.yaml: dns.quic-listen: this machine has no libmsquic, so DNS over QUIC is not served; install the package of that name"]
            : [];

    private static int CountZones(EdgeOptions options) =>
        Directory.Exists(options.PathOf(options.Zones)) ? Directory.EnumerateFiles(options.PathOf(options.Zones), "*.zone").Count() : 0;

    private static ServiceProvider Gateway(EdgeOptions options) => new ServiceCollection()
        .AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance)
        .AddSingleton(typeof(ILogger<>), typeof(NullLogger<>))
        .AddGateway(
            options.Gateway,
            _ => _ => null,
            _ => _ => false,
            _ => new FolderWatch(options.PathOf(options.Routes), options.Routes, RouteFiles.Extensions, TimeProvider.System),
            options.Admin.Listen)
        .BuildServiceProvider();

    /// <summary>Stands where a running Edge has readers that serve.</summary>
    private sealed class NobodyReads : IServiceReader
    {
        public static readonly NobodyReads Instance = new();

        public void Apply(ServiceSet services)
        {
        }
    }
}
