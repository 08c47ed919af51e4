using System.Net;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Names.Multicast;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Edge.Tests.Services;

namespace Edge.Tests.Names.Multicast;

/// <summary>A service that says what a neighbour calls it is where he says it is, and nothing that he says does harm.</summary>
public sealed class AnnouncedPlacesTests
{
    [Theory]
    [InlineData("mdns: Drucker im 2. OG", "http://192.168.1.30:8631/", "")]
    [InlineData("mdns: drucker IM 2. og", "http://192.168.1.30:8631/", "")]
    [InlineData("mdns: {instance: Drucker im 2. OG, type: _https._tcp}", "https://192.168.1.30/", "")]
    [InlineData("mdns: Drucker im 2. OG\nroutes: [{path: /api/*, to: 'http://10.0.0.1'}]", "http://192.168.1.30:8631/ http://10.0.0.1/", "path /api/*: http://10.0.0.1/; : http://192.168.1.30:8631/")]
    [InlineData("mdns: Drucker im 2. OG\nrate: 5/s", "http://192.168.1.30:8631/", "")]
    public void It_is_where_it_is_announced_to_be(string yaml, string to, string routes)
    {
        var resolved = AnnouncedPlaces.Resolve(Read(yaml), [Found("Other", "_http._tcp", 1), Found("Drucker im 2. OG", "_https._tcp", 443), Found("Drucker im 2. OG", "_http._tcp", 8631)], asks: true);
        Assert.Equal((to, routes), (string.Join(' ', resolved.To.Order(Comparer<Uri>.Create((a, b) => -string.CompareOrdinal(a.Host, b.Host)))), Routes(resolved)));
        Assert.StartsWith("where Drucker im 2. OG (", resolved.Remark, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "answered with 503, because nothing is heard in the LAN of Drucker im 2. OG")]
    [InlineData(false, "answered with 503, because mdns is off in edge.yaml")]
    public void Where_nothing_is_heard_it_says_so(bool asks, string remark)
    {
        var resolved = AnnouncedPlaces.Resolve(Read("mdns: {instance: Drucker im 2. OG, type: _http._tcp}"), [Found("Drucker im 2. OG", "_https._tcp", 443)], asks);
        Assert.Equal((remark, 0), (resolved.Remark, resolved.To.Length));
        Assert.Equal(new NotReadyAnswer("away", "Not there", "ink is not there at the moment.", 30), resolved.Routing!.Routes[0].Answer);
    }

    [Theory]
    [InlineData("path=/ui/index.html", "/ui/index.html")]
    [InlineData("PATH=/ui?x=1#y", "/ui")]
    [InlineData("path=/a%20b$1", "/a b$$1")]
    [InlineData("path=/", null)]
    [InlineData("path=", null)]
    [InlineData("path=ui", null)]
    [InlineData("path=//evil.example", null)]
    [InlineData("path=/\\\\evil.example", null)]
    [InlineData("path=/a\r\nSet-Cookie: x=y", null)]
    [InlineData("path=http://evil.example/", null)]
    public void Its_first_page_is_led_to_when_it_is_a_path(string text, string? path)
    {
        var resolved = AnnouncedPlaces.Resolve(Read("mdns: Drucker im 2. OG"), [Found("Drucker im 2. OG", "_http._tcp", 8631) with { Text = [text] }], asks: true);
        var redirect = resolved.Routing?.Routes.Select(route => route.Answer).OfType<RedirectAnswer>().SingleOrDefault();
        Assert.Equal(path, redirect?.Replace?.By);
        Assert.Null(redirect?.To);
    }

    [Theory]
    [InlineData("mdns: x\nto: http://a", "says where requests go, and so does to")]
    [InlineData("mdns: {type: _http._tcp}", "does not say what the service is called")]
    [InlineData("mdns: {instance: x, type: _ipp._tcp}", "\"_ipp._tcp\" is not one of _http._tcp, _https._tcp")]
    [InlineData("mdns: [x]", "does not say what the service is called")]
    public void What_cannot_be_followed_is_told(string yaml, string told) => Assert.Contains(ReadAll(yaml, Declarer.File("x.yaml:1")).Problems, problem => problem.Contains(told, StringComparison.Ordinal));

    [Fact]
    public void Only_files_may_follow() =>
        Assert.Contains("follows what is announced in the LAN, which only a file in proxy-routes/ may (say it there)", Assert.Single(ReadAll("mdns: x", Declarer.Token("laptop")).Problems), StringComparison.Ordinal);

    [Theory]
    [InlineData("*", "*", "Drucker im 2. OG", "printer.local", true)]
    [InlineData("dru*", "*", "Drucker im 2. OG", "printer.local", true)]
    [InlineData("*2. og", "PRINTER.local", "Drucker im 2. OG", "printer.local", true)]
    [InlineData("Dru", "*", "Drucker im 2. OG", "printer.local", false)]
    [InlineData("*", "print.local", "Drucker im 2. OG", "printer.local", false)]
    [InlineData("a\\*", "*", "a*", "printer.local", false)]
    [InlineData("a\\*", "*", "a\\b", "printer.local", true)]
    [InlineData("<*", "*", "x", "printer.local", false)]
    public void A_rule_takes_what_fits(string instance, string host, string found, string at, bool takes) =>
        Assert.Equal(takes, new AdoptionRule { Instance = instance, Host = host }.Takes(Found(found, "_http._tcp", 80) with { Host = Name.Parse(at) }));

    [Fact]
    public void A_source_hands_on_what_its_services_follow_and_changes_with_it()
    {
        var announcements = new SaidAnnouncements();
        var files = new StillSource(SourceKind.File);
        var source = new AnnouncedSource(files, announcements);
        var changes = 0;
        source.Changed += () => changes++;
        var fixedOne = Read("to: http://10.0.0.1") with { Name = "fixed" };
        files.Say("f", [fixedOne, Read("mdns: Drucker im 2. OG")]);
        Assert.Equal(("Drucker im 2. OG", 1), (Assert.Single(announcements.Wanted).Instance, changes));
        Assert.Contains(source.Current.Values.SelectMany(group => group.Services), service => service.Remark is not null && service.To.IsEmpty);
        announcements.Say(Found("Drucker im 2. OG", "_http._tcp", 8631));
        Assert.Contains(source.Current.Values.SelectMany(group => group.Services), service => service.To is [{ Port: 8631 }]);
        announcements.Say(Found("Drucker im 2. OG", "_http._tcp", 8631), Found("Other", "_http._tcp", 1));
        Assert.Equal(2, changes);
        Assert.Contains(source.Current.Values.SelectMany(group => group.Services), service => ReferenceEquals(service, fixedOne));
        files.Say("f", [fixedOne]);
        Assert.Empty(announcements.Wanted);
        Assert.Equal("fixed", Assert.Single(source.Current.Values.SelectMany(group => group.Services)).Name);
    }

    private static string Routes(Service service) => service.Routing is null ? "" : string.Join("; ", service.Routing.Routes.OrderBy(route => route.Field.Length == 0).Select(route => $"{route.Match.Text}: {string.Join(' ', route.To.Select(to => to.Uri))}"));

    private static FoundInstance Found(string instance, string type, int port) => new(instance, type, Name.Parse("printer.local"), port, [], [IPAddress.Parse("192.168.1.30")], "eth0");

    private static Service Read(string yaml)
    {
        var (service, problems) = ReadAll(yaml, Declarer.File("x.yaml:1"));
        Assert.Empty(problems);
        return service!;
    }

    private static (Service? Service, IReadOnlyList<string> Problems) ReadAll(string yaml, Declarer by)
    {
        var problems = new ProblemList();
        var root = YamlDocumentReader.Read(yaml, "x.yaml", problems)!;
        return (new ServiceReader("example.com", "nas").Read("ink", root, by, problems), [.. problems.All.Select(problem => problem.ToString())]);
    }
}
