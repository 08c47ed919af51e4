using System.Collections.Immutable;
using Edge.Settings;
using Microsoft.Extensions.Hosting;

namespace Edge.Gateway;

/// <summary>Follows the route files in YARP's shape: reads them before the first request, and again whenever one changes.</summary>
internal sealed partial class RouteFileLoop(FolderWatch folder, RouteTableManager routes, ILogger<RouteFileLoop> logger) : BackgroundService
{
    private readonly SortedDictionary<string, YarpFile> _said = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, ImmutableArray<Problem>> _unreadable = new(StringComparer.Ordinal);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        Load();
        return base.StartAsync(cancellationToken);
    }

    /// <summary>Reads what changed since the look before, at once.</summary>
    public void Load() => Take(folder.Look());

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        folder.FollowAsync(Take, wrong => Log.Failed(logger, wrong), stoppingToken);

    private void Take(FolderChange change)
    {
        foreach (var gone in change.Gone)
        {
            _said.Remove(gone);
            _unreadable.Remove(gone);
        }

        foreach (var file in change.Files)
        {
            Take(file);
        }

        // What is wrong with the folder as a whole is told by the reader of the short form, which follows the same one.
        routes.Apply([.. _said.Values], [.. _unreadable.Values.SelectMany(problems => problems)]);
    }

    // A file that cannot be read takes nothing away. A new YAML file that cannot be read may be of either shape: it is
    // reported by the reader of the short form.
    private void Take(FolderFile file)
    {
        var problems = new ProblemList();
        var said = file.Text is null ? null : YarpFileReader.Read(file.Shown, file.Text, problems);
        var ours = _said.ContainsKey(file.Shown) || file.Shown.EndsWith(".json", StringComparison.OrdinalIgnoreCase);
        _unreadable.Remove(file.Shown);
        if (said is not null)
        {
            _said[file.Shown] = said;
        }
        else if (file.Text is null && ours)
        {
            _unreadable[file.Shown] = [new Problem(file.Shown, 0, "", file.Trouble ?? "cannot be read")];
        }
        else if (problems.Any && ours)
        {
            _unreadable[file.Shown] = [.. problems.All];
        }
        else if (!problems.Any && file.Text is not null)
        {
            // It is sound and not of this shape, or not any more.
            _said.Remove(file.Shown);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5012, LogLevel.Error, "The route files could not be taken over; the routes stay as they were")]
        public static partial void Failed(ILogger logger, Exception wrong);
    }
}
