using Edge.Gateway;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>The examples of the repository that are in YARP's shape are sound.</summary>
public sealed class ExampleTests
{
    [Fact]
    public async Task The_files_in_proxy_routes_give_routes_and_no_problem()
    {
        await using var gateway = await RunningGateway.StartAsync(folder: Path.Combine(Root(), "proxy-routes"));

        Assert.Empty(gateway.Routes.Problems);
        Assert.Equal(["api-status", "api-v1"], gateway.Routes.Current.ForHost("api.nas.example.com").Select(entry => entry.Id).Order());
        Assert.Equal(Edge.Services.Exposure.Lan, gateway.Routes.Current.Entries.Single(entry => entry.Id == "api-status").Expose);
    }

    [Fact]
    public void Every_file_in_proxy_routes_is_of_one_of_the_two_shapes()
    {
        foreach (var file in Directory.GetFiles(Path.Combine(Root(), "proxy-routes")))
        {
            var problems = new ProblemList();
            var text = File.ReadAllText(file);
            var root = file.EndsWith(".json", StringComparison.Ordinal) ? JsonFileReader.Read(text, file, problems) : YamlDocumentReader.Read(text, file, problems);
            Assert.Empty(problems.All);
            Assert.True(YarpFileReader.IsYarpShaped(root!) != (root!.Find("services") is not null), file);
        }
    }

    // The folder with Edge.sln, above the test's binaries.
    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Edge.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("the tests run outside the repository");
        }

        return folder;
    }
}
