using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Services in the short form, read as a file's are.</summary>
internal static class ShortForm
{
    public static ImmutableArray<Service> Services(string yaml, string file = "proxy-routes/test.yaml")
    {
        var (services, problems) = Read(yaml, file);
        Assert.Empty(problems);
        return services;
    }

    public static (ImmutableArray<Service> Services, IReadOnlyList<Problem> Problems) Read(string yaml, string file = "proxy-routes/test.yaml")
    {
        var problems = new ProblemList();
        var reader = new ServiceReader("example.com", null);
        var root = (MapNode)YamlDocumentReader.Read(yaml, file, problems)!.Find("services")!;
        var services = root.Entries.Select(entry => reader.Read(entry.Key, entry.Value, Declarer.File($"{file}:{entry.Value.Line}"), problems)).OfType<Service>();
        return ([.. services.OrderBy(service => service.Name, StringComparer.Ordinal)], problems.All);
    }
}
