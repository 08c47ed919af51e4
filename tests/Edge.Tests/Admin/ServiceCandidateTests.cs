using System.Net;
using Edge.Admin;
using Edge.Dns.Multicast;
using Edge.Dns.Wire;
using Edge.Services;
using Edge.Settings;

namespace Edge.Tests.Admin;

/// <summary>What a neighbour says of his service becomes a name, a destination and a declaration that do no harm.</summary>
public sealed class ServiceCandidateTests
{
    [Theory]
    [InlineData("photos", "photos")]
    [InlineData("Drucker im 2. OG", "drucker-im-2-og")]
    [InlineData("Küche – TV (Wohnzimmer)", "k-che-tv-wohnzimmer")]
    [InlineData("--a__b--", "a-b")]
    [InlineData("打印机", "printer")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901-3", "a234567890123456789012345678901234567890123456789012345678901-3")]
    public void A_name_is_one_label(string instance, string name) => Assert.Equal(name, Candidate(instance).Name);

    [Theory]
    [InlineData("_http._tcp", "192.168.1.30", "http://192.168.1.30:8631")]
    [InlineData("_https._tcp", "fd00::30", "https://[fd00::30]:8631")]
    [InlineData("_ipp._tcp", "192.168.1.30", null)]
    public void A_web_service_has_a_destination(string type, string address, string? to) => Assert.Equal(to, Candidate("printer", type, address).To);

    [Theory]
    [InlineData("printer")]
    [InlineData("x\nservices:\n  evil:\n    to: http://10.0.0.1")]
    [InlineData("x\r# y")]
    [InlineData("x\u0085services: {}")]
    [InlineData("x\u2028services: {}")]
    [InlineData("\u001b[31mred")]
    [InlineData("a \"quoted\" \\ name: {x}, # [y]")]
    [InlineData("Küche 2. OG – 打印机 😀")]
    [InlineData("x\u202eevil\ufffd")]
    public void A_declaration_declares_one_service_whatever_the_instance_is_called(string instance)
    {
        var problems = new ProblemList();
        var root = (MapNode)YamlDocumentReader.Read(Candidate(instance).Declare("printer", everywhere: false), "found-printer.yaml", problems)!;
        Assert.Equal(["services"], root.Entries.Select(entry => entry.Key));
        Assert.Equal(["printer"], ((MapNode)root.Find("services")!).Entries.Select(entry => entry.Key));
        var service = new ServiceReader("example.com", "nas").Read("printer", ((MapNode)root.Find("services")!).Find("printer")!, Declarer.File("found-printer.yaml"), problems);
        Assert.Empty(problems.All);
        Assert.Equal((Exposure.Lan, new AnnouncedService(instance, "_http._tcp")), (service!.Expose, service.Announced));
    }

    [Fact]
    public void What_is_served_already_is_known_by_its_destination()
    {
        var service = new Service { Name = "ink", Hosts = ["ink.nas.example.com"], To = [new Uri("http://192.168.1.30:8631/ui")], Source = SourceKind.File, Where = "x:1" };
        Assert.Equal("ink", Candidate("printer").Report(new ServiceSet(1, [service], [])).AdoptedAs);
        Assert.Null(Candidate("printer").Report(new ServiceSet(1, [service with { To = [new Uri("http://192.168.1.30:80")] }], [])).AdoptedAs);
    }

    [Fact]
    public void What_is_shown_does_nothing_to_a_terminal() => Assert.Equal("?[31mred", Candidate("\u001b[31mred").Report(ServiceSet.Empty).Instance);

    private static ServiceCandidate Candidate(string instance, string type = "_http._tcp", string address = "192.168.1.30") =>
        new(new FoundInstance(instance, type, Name.Parse("printer.local"), 8631, ["path=/ui"], [IPAddress.Parse(address)], "eth0"));
}
