using System.Text;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Which requests a service's routes take: what is accepted, and that what is wrong is told with its field.</summary>
public sealed class RoutingReaderTests
{
    [Theory]
    [InlineData("""{"to":"http://h"}""", null)]
    [InlineData("""{"to":[{"url":"http://h"}]}""", null)]
    [InlineData("""{"to":"http://h","path":"/api/*"}""", "path /api/* -> http://h")]
    [InlineData("""{"to":"http://h","routes":[{"path":["/b","/a/*"],"to":"http://i"}]}""", "-> http://h; path /a/* /b -> http://i")]
    [InlineData("""{"routes":[{"path":"/*","to":"http://i"}]}""", "path /* -> http://i")]
    [InlineData("""{"to":"http://h","routes":[{"path-regex":"^/u/[0-9]+$"}]}""", "-> http://h; path ~^/u/[0-9]+$ -> http://h")]
    [InlineData("""{"to":"http://h","method":["get","POST"]}""", "method GET POST -> http://h")]
    [InlineData("""{"to":"http://h","header":{"X-A":"1","X-B":["2","3"],"X-C":"*","X-D":"","X-E":"v*"}}""", "header X-A=1 X-B=2|3 X-C=* X-E=v* no X-D -> http://h")]
    [InlineData("""{"to":"http://h","query":{"v":"2"}}""", "query v=2 -> http://h")]
    [InlineData("""{"to":"http://h","clients":["lan","10.0.0.0/8","fd00::1"]}""", "clients 10.0.0.0/8 fd00::1 lan -> http://h")]
    [InlineData("""{"to":"http://h","priority":5}""", "priority 5 -> http://h")]
    [InlineData("""{"to":[{"url":"http://h","weight":3},"http://i"]}""", "-> http://h*3 http://i")]
    public void Routes_are_read(string json, string? expected)
    {
        var (service, problems) = Read(json);
        Assert.Empty(problems);
        Assert.Equal(expected, service!.Routing is null ? null : string.Join("; ", service.Routing.Routes.Select(Shown)));
        Assert.Equal(service, Read(json).Service);
    }

    [Theory]
    [InlineData("""{"to":"http://h","path":"api"}""", "path: \"api\" is not a path such as /favicon.ico or /api/*")]
    [InlineData("""{"to":"http://h","path":"/a*"}""", "path: \"/a*\" is not a path")]
    [InlineData("""{"to":"http://h","path":"/a/../b"}""", "path: \"/a/../b\" is not a path")]
    [InlineData("""{"to":"http://h","path":"/a?b"}""", "path: \"/a?b\" is not a path")]
    [InlineData("""{"to":"http://h","path-regex":"(a"}""", "path-regex: \"(a\" is not a regular expression")]
    [InlineData("""{"to":"http://h","path-regex":"(?=a)b"}""", "path-regex: \"(?=a)b\" needs what costs more than linear time")]
    [InlineData("""{"to":"http://h","path-regex":"((a{900}){900}){900}"}""", "path-regex: \"((a{900}){900}){900}\" needs what costs more than linear time")]
    [InlineData("""{"to":"http://h","path-regex":["a",["b"]]}""", "path-regex[1]: is a list; a regular expression is needed here")]
    [InlineData("""{"to":"http://h","method":"GET /"}""", "method: \"GET /\" is not a method")]
    [InlineData("""{"to":"http://h","header":{"X A":"1"}}""", "header.X A: \"X A\" is not the name of a header")]
    [InlineData("""{"to":"http://h","header":{"X":"a*b"}}""", "header.X: is nothing to compare with")]
    [InlineData("""{"to":"http://h","header":{"X":null}}""", "header.X: is nothing to compare with")]
    [InlineData("""{"to":"http://h","query":{"v":""}}""", "query.v: is nothing to compare with")]
    [InlineData("""{"to":"http://h","clients":"10.0.0.1/33"}""", "clients: \"10.0.0.1/33\" is not lan, an address, or a network")]
    [InlineData("""{"to":"http://h","clients":"wan"}""", "clients: \"wan\" is not lan")]
    [InlineData("""{"to":"http://h","priority":"high"}""", "priority: \"high\" is not a whole number")]
    [InlineData("""{"to":"http://h","routes":["/api"]}""", "routes[0]: is a value; a mapping such as")]
    [InlineData("""{"to":"http://h","routes":[{"host":"b.x"}]}""", "routes[0].host: b.x is no host of the service")]
    [InlineData("""{"to":"http://h","routes":[{"pat":"/api"}]}""", "routes[0].pat: is not a known key (did you mean \"path\"?)")]
    [InlineData("""{"routes":[{"path":"/api/*"}]}""", "routes[0]: leads nowhere (say to: here, or for the whole service)")]
    [InlineData("""{"routes":[]}""", "to: is missing")]
    public void A_mistake_is_told_with_its_field(string json, string expected)
    {
        var (service, problems) = Read(json);
        Assert.Null(service);
        Assert.Contains(expected, Assert.Single(problems));
    }

    [Fact]
    public void There_are_limits()
    {
        Assert.Contains("characters long", Assert.Single(Read($$"""{"to":"http://h","path-regex":"{{new string('a', 257)}}"}""").Problems));
        Assert.Contains("has 101 values; 100 at most", Assert.Single(Read($$"""{"to":"http://h","path":[{{string.Join(',', Enumerable.Range(0, 101).Select(i => $"\"/{i}\""))}}]}""").Problems));
        Assert.Contains("has 101 routes; 100 at most", Assert.Single(Read($$"""{"to":"http://h","routes":[{{string.Join(',', Enumerable.Range(0, 101).Select(i => $$"""{"path":"/{{i}}"}"""))}}]}""").Problems));
    }

    [Fact]
    public void The_destinations_of_routes_are_checked_for_registrations_as_well()
    {
        var map = JsonDocumentReader.Read("""{"to":{"url":"http://a"},"routes":[{"to":["http://b",5,{"url":"http://c","weight":2}]}]}"""u8.ToArray(), new ProblemList())!;
        Assert.Equal(["to.url http://a/", "routes[0].to[0] http://b/", "routes[0].to[2].url http://c/"], ServiceReader.DestinationsOf(map).Select(found => $"{found.At.Path} {found.To}"));
    }

    private static string Shown(ServiceRoute route) =>
        $"{route.Match.Text} -> {string.Join(' ', route.To.Select(to => to.Weight == 1 ? to.Uri.OriginalString : $"{to.Uri.OriginalString}*{to.Weight}"))}".Trim();

    private static (Service? Service, List<string> Problems) Read(string json)
    {
        var problems = new ProblemList();
        var map = JsonDocumentReader.Read(Encoding.UTF8.GetBytes(json), problems)!;
        return (new ServiceReader("example.com", "nas").Read("photos", map, Declarer.Token("t"), problems), [.. problems.All.Select(problem => problem.ToString())]);
    }
}
