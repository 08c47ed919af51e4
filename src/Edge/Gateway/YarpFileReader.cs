using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>
/// Reads a file in YARP's own shape: Routes and Clusters, alone or under ReverseProxy, as JSON or YAML. Each route and
/// each cluster is sound or not by itself.
/// </summary>
internal static class YarpFileReader
{
    private static readonly string[] Marks = ["ReverseProxy", "Routes", "Clusters"];

    /// <summary>Whether the file is meant to be in YARP's shape, and not in the short form.</summary>
    public static bool IsYarpShaped(MapNode root) => root.Entries.Any(entry => Marks.Contains(entry.Key, StringComparer.OrdinalIgnoreCase));

    /// <summary>What the text says; null when it is no document at all, or none of this shape.</summary>
    /// <param name="file">The file as the user knows it; its extension tells JSON from YAML.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="problems">Receives what is wrong with the document as a whole.</param>
    public static YarpFile? Read(string file, string text, ProblemList problems)
    {
        var root = file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)
            ? JsonFileReader.Read(text, file, problems)
            : YamlDocumentReader.Read(text, file, problems);
        return root is null || !IsYarpShaped(root) ? null : Read(root);
    }

    private static YarpFile Read(MapNode root)
    {
        var problems = new ProblemList();
        var fields = new YarpFields(root, problems);
        // An appsettings.json may say other things beside ReverseProxy; they are not for us.
        if (fields.Section("ReverseProxy") is { } section)
        {
            fields = section;
        }

        var clusters = ImmutableArray.CreateBuilder<YarpCluster>();
        foreach (var (name, cluster) in fields.Named("Clusters"))
        {
            var own = new ProblemList();
            var config = YarpClusterReader.Read(name, new YarpFields(cluster.Map, own), own);
            clusters.Add(new YarpCluster(cluster.Map, name, own.Any ? null : config));
            Take(own, problems);
        }

        var routes = ImmutableArray.CreateBuilder<YarpRoute>();
        foreach (var (name, route) in fields.Named("Routes"))
        {
            var own = new ProblemList();
            var config = YarpRouteReader.Read(name, new YarpFields(route.Map, own), own);
            routes.Add(new YarpRoute(route.Map, name, own.Any ? null : config));
            Take(own, problems);
        }

        fields.Node("$schema");
        // The reader of the short form tells that services need a file of their own.
        fields.Node("services");
        fields.Done();
        return new YarpFile(routes.ToImmutable(), clusters.ToImmutable(), [.. problems.All]);
    }

    private static void Take(ProblemList from, ProblemList to)
    {
        foreach (var problem in from.All)
        {
            to.Add(problem);
        }
    }
}
