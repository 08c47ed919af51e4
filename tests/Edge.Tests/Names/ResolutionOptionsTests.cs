using Edge.Names;
using Edge.Settings;

namespace Edge.Tests.Names;

/// <summary>The keys of "dns" that say how names are resolved and what is believed.</summary>
public sealed class ResolutionOptionsTests : IDisposable
{
    private const string RootAnchor = ". DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D\n";

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-resolution-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Nothing_said_is_forwarding_validated_where_that_works()
    {
        var options = Read("domain: example.com", out _);
        Assert.Equal((false, "auto", 32L << 20), (options.FromRoot, options.Validation, options.CacheBytes));
        Assert.Null(options.Hints);
    }

    [Fact]
    public void Everything_said()
    {
        Write("root.hints", ". 3600000 NS a.root.test.\na.root.test. 3600000 A 192.0.2.1\n");
        Write("anchors", RootAnchor + "corp.example. DS 12345 13 2 0123456789012345678901234567890123456789012345678901234567890123\n");
        const string Yaml = "dns:\n  resolve: recursive\n  root-hints: root.hints\n  validation: on\n  trust-anchors: anchors\n  unvalidated: [broken.example, old.example]\n  cache: 64MB";
        var options = Read(Yaml, out var problems);
        Assert.Empty(problems);
        Assert.Equal((true, "true", 64L << 20), (options.FromRoot, options.Validation, options.CacheBytes));
        Assert.NotNull(options.Hints);
        Assert.Equal([". DS", "corp.example. DS"], options.Anchors.Select(record => $"{record.Owner} {record.Type}"));
        Assert.Equal(["broken.example.", "old.example."], options.Unvalidated.Select(name => name.ToString()));
        Assert.Equal(options, Read(Yaml, out _));
        Write("anchors", RootAnchor);
        var fewer = Read(Yaml, out _);
        Assert.NotEqual(options, fewer);
        Write("root.hints", ". 3600000 NS a.root.test.\na.root.test. 3600000 A 192.0.2.2\n");
        Assert.NotEqual(fewer, Read(Yaml, out _));
    }

    [Theory]
    [InlineData("resolve: sideways", "edge.yaml:2: dns.resolve: \"sideways\" is not one of forward, recursive")]
    [InlineData("validation: maybe", "edge.yaml:2: dns.validation: \"maybe\" is not one of true, false, auto")]
    [InlineData("cache: 100", "edge.yaml:2: dns.cache: \"100\" is not a size of 1MB or more, such as 64MB")]
    [InlineData("root-hints: nowhere", "edge.yaml:2: dns.root-hints:")]
    [InlineData("root-hints: half", "half:1: expected \"OWNER TTL TYPE DATA\"")]
    [InlineData("trust-anchors: nowhere", "nowhere cannot be read: it is not there")]
    [InlineData("trust-anchors: half", "half:1")]
    [InlineData("unvalidated: [a..b]", "edge.yaml:2: dns.unvalidated[0]: \"a..b\" is not a domain name")]
    public void A_mistake_is_told(string line, string problem)
    {
        Write("half", ". 3600 TXT nothing\n");
        Read($"dns:\n  {line}", out var problems);
        Assert.Contains(problem, Assert.Single(problems), StringComparison.Ordinal);
    }

    private void Write(string name, string text) => File.WriteAllText(Path.Combine(_folder, name), text);

    private ResolutionOptions Read(string yaml, out string[] problems)
    {
        var found = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", found, _folder);
        problems = [.. found.All.Select(problem => problem.ToString())];
        return options.Dns.Resolution;
    }
}
