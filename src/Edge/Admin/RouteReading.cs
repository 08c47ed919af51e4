using Edge.Gateway;
using Edge.Services;
using Edge.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Admin;

/// <summary>What a start would make of the routes folder as it is now: services with their conflicts settled, and the table of routes. Nothing is served.</summary>
internal sealed class RouteReading : IDisposable
{
    private readonly ServiceProvider _gateway;
    private readonly FileServiceSource _files;

    private RouteReading(ServiceProvider gateway, FileServiceSource files, ServiceSet services)
    {
        (_gateway, _files, Services) = (gateway, files, services);
        Routes = gateway.GetRequiredService<RouteTableManager>();
    }

    /// <summary>The services that would be in effect.</summary>
    public ServiceSet Services { get; }

    /// <summary>The routes of services, and those in YARP's own form.</summary>
    public RouteTableManager Routes { get; }

    /// <summary>All that is wrong, each with its place.</summary>
    public IEnumerable<string> Problems =>
    [
        .. _files.Problems.Select(problem => problem.ToString()),
        .. Services.Conflicts.Select(conflict => $"{conflict.Lost.Where}: {conflict.What} is already held by {conflict.Holder.Name} ({conflict.Holder.Where})"),
        .. Routes.Problems.Select(problem => problem.ToString()),
    ];

    /// <summary>Reads the folder that the settings name.</summary>
    public static RouteReading Of(EdgeOptions options)
    {
        var files = new FileServiceSource(options.PathOf(options.Routes), options.Routes, new ServiceReader(options.Domain, options.Node), TimeProvider.System, NullLogger<FileServiceSource>.Instance);
        files.Load();
        var gateway = Gateway(options);
        gateway.GetRequiredService<RouteFileLoop>().Load();
        var catalog = new ServiceCatalog([files], NobodyReads.Instance, gateway.GetRequiredService<RouteTableManager>(), NobodyReads.Instance, NullLogger<ServiceCatalog>.Instance);
        catalog.Publish();
        return new RouteReading(gateway, files, catalog.Current);
    }

    public void Dispose() => _gateway.Dispose();

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
