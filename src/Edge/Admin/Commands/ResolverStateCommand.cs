using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Edge.Admin.Reports;

namespace Edge.Admin.Commands;

/// <summary><c>edge resolver state</c>: whom the resolver asks and how they do, what it remembers, whether it validates.</summary>
internal static class ResolverStateCommand
{
    public static Command Build()
    {
        var command = new ApiCommand("state", "Show the upstreams and how they do, the cache, and whether answers are validated");
        command.Does(async (parsed, api, cancel) =>
        {
            var report = await api.GetAsync("v1/resolver", ReportJson.Default.ResolverReport, cancel);
            if (command.WantsJson(parsed))
            {
                Console.WriteLine(JsonSerializer.Serialize(report, ReportJson.Default.ResolverReport));
                return 0;
            }

            Write(Console.Out, report);
            return 0;
        });
        return command;
    }

    private static void Write(TextWriter to, ResolverReport report)
    {
        to.WriteLine($"names of others: {(report.Way == "recursive" ? "resolved from the root" : "asked of the upstreams")}; validation: {Validation(report.Validation)}");
        to.WriteLine($"cache: {report.CacheEntries} answers, {report.CacheBytes >> 10} of {report.CacheBudget >> 10} KB; {report.Hits} hits, {report.Misses} misses, {report.Stale} stale, {report.Failures} failures");
        if (report.Recursion is { } recursion)
        {
            to.WriteLine($"recursion: {recursion.Queries} queries sent, {recursion.Timeouts} timeouts, {recursion.LameReplies} lame; {recursion.Delegations} delegations and {recursion.Servers} servers known");
        }

        WriteUpstreams(to, report.Upstreams);
        WriteUnnamed(to, report);
    }

    private static void WriteUnnamed(TextWriter to, ResolverReport report)
    {
        if (report.Unnamed.IsEmpty)
        {
            return;
        }

        to.WriteLine();
        to.WriteLine($"DHCP clients without the name that they gave themselves: {report.UnnamedCount}{(report.UnnamedCount > report.Unnamed.Length ? $", of these {report.Unnamed.Length}:" : "")}");
        TextTable.Write(to, ["CLIENT", "NAME", "LEASE", "REASON"], [.. report.Unnamed.Select(one => (IReadOnlyList<string>)[one.Address, one.Name, one.Lease, $"the name {one.Reason}"])]);
    }

    private static void WriteUpstreams(TextWriter to, ImmutableArray<UpstreamReport> upstreams)
    {
        if (upstreams.IsEmpty)
        {
            return;
        }

        TextTable.Write(to, ["UPSTREAM", "STATE", "TIME(ms)", "QUERIES", "LAST FAILURE"],
        [
            .. upstreams.Select(upstream => (IReadOnlyList<string>)
            [
                upstream.Server,
                upstream.State,
                upstream.Milliseconds?.ToString("0.0", CultureInfo.InvariantCulture) ?? "-",
                upstream.Queries.ToString(CultureInfo.InvariantCulture),
                upstream.LastFailure is { } when ? $"{when.ToLocalTime():yyyy-MM-dd HH:mm:ss} {upstream.LastError}" : "-",
            ]),
        ]);
    }

    private static string Validation(string word) => word == "waiting" ? "not yet (no upstream has brought the root's signed keys)" : word;
}
