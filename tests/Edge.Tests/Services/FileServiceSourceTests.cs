using Edge.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Files declare services; a mistake takes nothing away.</summary>
public sealed class FileServiceSourceTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-files-");
    private readonly FileServiceSource _source;
    private int _changes;

    public FileServiceSourceTests()
    {
        _source = new FileServiceSource(_folder.FullName, "proxy-routes", new ServiceReader("example.com", "nas"), TimeProvider.System, NullLogger<FileServiceSource>.Instance);
        _source.Changed += () => _changes++;
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_declares_services_with_their_place()
    {
        Write("photos.yaml", """
            # my services
            services:
              photos:
                host: photos.nas.example.com
                to: http://192.168.1.10:2342
              wiki:
                to: [http://h1, http://h2]
                expose: lan
            """);
        _source.Load();

        Assert.Equal("photos proxy-routes/photos.yaml:3 | wiki proxy-routes/photos.yaml:6", Say());
        Assert.Equal(Exposure.Lan, _source.Declared()[1].Expose);
        Assert.Equal("wiki.nas.example.com", Assert.Single(_source.Declared()[1].Hosts));
        Assert.Empty(_source.Problems);
    }

    [Fact]
    public void A_wrong_service_keeps_its_version_from_before_while_the_others_of_the_file_change()
    {
        Write("a.yaml", "services:\n  one:\n    to: http://h:1\n  two:\n    to: http://h:1\n");
        _source.Load();

        Write("a.yaml", "services:\n  one:\n    to: nonsense\n  two:\n    to: http://h:22\n  three:\n    to: also nonsense\n");
        _source.Load();

        Assert.Equal(["one http://h:1/", "two http://h:22/"], _source.Declared().Select(service => $"{service.Name} {service.To[0]}"));
        Assert.Equal(["proxy-routes/a.yaml:3: services.one.to", "proxy-routes/a.yaml:7: services.three.to"], _source.Problems.Select(problem => $"{problem.File}:{problem.Line}: {problem.Field}"));

        Write("a.yaml", "services:\n  one:\n    to: http://h:333\n");
        _source.Load();
        Assert.Equal("http://h:333/", Assert.Single(_source.Declared()).To[0].ToString());
        Assert.Empty(_source.Problems);
    }

    [Theory]
    [InlineData("not YAML", "services: [\n", "is not YAML")]
    [InlineData("a key twice", "services:\n  a:\n    to: http://h\n  a:\n    to: http://h\n", "is not YAML")]
    [InlineData("not a mapping", "- one\n", "is a list; a mapping is needed here")]
    [InlineData("services is a list", "services: [one]\n", "is a list; a mapping is needed here")]
    [InlineData("both shapes", "services:\n  b:\n    to: http://h\nRoutes: {}\n", "stands beside services")]
    public void A_file_that_makes_no_sense_keeps_all_its_services(string why, string text, string problem)
    {
        Write("a.yaml", "services:\n  one:\n    to: http://h:1\n");
        _source.Load();
        Write("a.yaml", text);
        _source.Load();

        Assert.True(_source.Declared() is [{ Name: "one" }], why);
        Assert.Contains(problem, Assert.Single(_source.Problems).ToString());
        Assert.Equal(1, _changes);
    }

    [Theory]
    [InlineData("Routes:\n  r1:\n    ClusterId: c\n")]
    [InlineData("ReverseProxy:\n  Routes: {}\n")]
    [InlineData("clusters: {}\n")]
    public void A_file_in_the_shape_of_YARP_is_left_to_the_gateway(string text)
    {
        Write("a.yaml", text);
        _source.Load();
        Assert.Empty(_source.Declared());
        Assert.Empty(_source.Problems);
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing\n")]
    [InlineData("services:\n")]
    public void Emptying_or_removing_a_file_removes_its_services(string text)
    {
        Write("a.yaml", "services:\n  one:\n    to: http://h:1\n");
        Write("b.yaml", "services:\n  two:\n    to: http://h:1\n");
        _source.Load();
        Write("a.yaml", text);
        File.Delete(Path.Combine(_folder.FullName, "b.yaml"));
        _source.Load();

        Assert.Empty(_source.Declared());
        Assert.Empty(_source.Problems);
    }

    [Fact]
    public void The_same_name_in_capitals_is_the_same_name()
    {
        Write("a.yaml", "services:\n  One:\n    to: http://h:1\n  one:\n    to: http://h:2\n");
        _source.Load();
        Assert.Equal("one", Assert.Single(_source.Declared()).Name);
        Assert.Contains("declared twice", Assert.Single(_source.Problems).Message);
    }

    [Fact]
    public async Task A_change_is_taken_in_by_itself()
    {
        Write("a.yaml", "services:\n  one:\n    to: http://h:1\n");
        _source.Load();
        using var ends = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var changed = new TaskCompletionSource();
        _source.Changed += changed.SetResult;
        var following = _source.FollowAsync(ends.Token);

        Write("a.yaml", "services:\n  one:\n    to: http://h:22\n");
        await changed.Task.WaitAsync(ends.Token);

        Assert.Equal("http://h:22/", Assert.Single(_source.Declared()).To[0].ToString());
        await ends.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
    }

    private string Say() => string.Join(" | ", _source.Declared().Select(service => $"{service.Name} {service.Where}"));

    [Fact]
    public void A_folder_that_vanishes_is_told_once_and_once_when_it_is_back()
    {
        var log = new TypedLog<FileServiceSource>();
        var inner = _folder.CreateSubdirectory("routes");
        File.WriteAllText(Path.Combine(inner.FullName, "a.yaml"), "services:\n  one:\n    to: http://h:1\n");
        var source = new FileServiceSource(inner.FullName, "proxy-routes", new ServiceReader("example.com", "nas"), TimeProvider.System, log);
        source.Load();
        Assert.DoesNotContain(log.Lines, line => line.Contains("the folder", StringComparison.Ordinal));

        Directory.Move(inner.FullName, inner.FullName + "-away");
        source.Load();
        source.Load();
        Assert.Single(source.Declared());
        Assert.StartsWith("proxy-routes: the folder is gone; ", Assert.Single(source.Problems).ToString(), StringComparison.Ordinal);
        Assert.StartsWith("Warning 2001 proxy-routes: the folder is gone; ", Assert.Single(log.Lines, line => line.Contains("the folder", StringComparison.Ordinal)), StringComparison.Ordinal);

        Directory.Move(inner.FullName + "-away", inner.FullName);
        source.Load();
        source.Load();
        Assert.Empty(source.Problems);
        Assert.Single(log.Lines, line => line.StartsWith("Information 2004 proxy-routes: the folder is back", StringComparison.Ordinal));
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder.FullName, name), text);
}
