using System.Net;
using Edge.Admin;
using Edge.Names;
using Edge.PortMapping;
using Edge.Services;
using Edge.Settings;
using Edge.Tests.Gateway;

namespace Edge.Tests.PortMapping;

/// <summary>What edge.yaml says of the way in, what is wrong with it, and what does nothing.</summary>
public sealed class PortMappingOptionsTests
{
    private const string AtAll = "gateway: {http: ['0.0.0.0:80'], https: ['0.0.0.0:443']}\nviews: {public: {addresses: auto}}\n";

    [Fact]
    public void Nothing_is_mapped_unless_it_was_said()
    {
        Assert.False(Read("{}").PortMapping.Maps);
        Assert.True(Read("port-mapping: on").PortMapping.Maps);
        Assert.True(Read("port-mapping: {https: 8443}").PortMapping.Maps);
        Assert.False(Read("port-mapping: {map: off, echo: 'https://edge.example.net/.well-known/edge-address'}").PortMapping.Maps);
    }

    [Fact]
    public void All_that_can_be_said()
    {
        var options = Read("""
            port-mapping:
              https: 8443
              http: off
              streams: on
              protocols: [upnp, pcp]
              router: 192.168.1.1
              lifetime: 30m
              echo: https://edge.example.net/.well-known/edge-address
              publish: proven
            address-echo: {ports: [443, 10443]}
            """);
        Assert.Equal(
            (8443, null, true, "upnp pcp", "192.168.1.1", TimeSpan.FromMinutes(30), "edge.example.net", PublishRule.Proven),
            (options.PortMapping.Https, options.PortMapping.Http, options.PortMapping.Streams, string.Join(' ', options.PortMapping.Protocols), options.PortMapping.Router?.ToString(), options.PortMapping.Lifetime, options.PortMapping.Echo?.Host, options.PortMapping.Publish));
        Assert.Equal((true, "443 10443"), (options.AddressEcho.Enabled, string.Join(' ', options.AddressEcho.Ports)));
    }

    [Theory]
    [InlineData("port-mapping: maybe", "port-mapping: is neither \"on\" nor \"off\" nor a mapping")]
    [InlineData("port-mapping: {https: 0}", "port-mapping.https: is neither a port")]
    [InlineData("port-mapping: {https: 80}", "port-mapping: http and https are both 80")]
    [InlineData("port-mapping: {lifetime: 10s}", "port-mapping.lifetime: must lie between 2m and 1d")]
    [InlineData("port-mapping: {router: '::1'}", "port-mapping.router: \"::1\" is not the router's IPv4 address")]
    [InlineData("port-mapping: {protocols: [ipx]}", "port-mapping.protocols[0]: \"ipx\" is not one of pcp, nat-pmp, upnp")]
    [InlineData("port-mapping: {echo: example.net}", "port-mapping.echo: \"example.net\" is not an URL")]
    [InlineData("port-mapping: {publish: never}", "port-mapping.publish: \"never\" is not one of")]
    [InlineData("port-mapping: {hpts: 443}", "port-mapping.hpts: is not a known key")]
    [InlineData("address-echo: {ports: [x]}", "address-echo.ports[0]: \"x\" is not a port")]
    [InlineData("address-echo: sometimes", "address-echo: is neither")]
    [InlineData("views: {public: {addresses: [automatic]}}", "views.public.addresses[0]: \"automatic\" is not an IP address, or auto")]
    public void A_mistake_is_told_with_its_place(string yaml, string expected)
    {
        var problems = new ProblemList();
        EdgeOptionsFile.Parse(yaml, "edge.yaml", problems);
        Assert.Contains(expected, Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(AtAll + "port-mapping: on", null)]
    [InlineData("views: {public: {addresses: auto}}\ngateway: {http: ['0.0.0.0:80']}\nport-mapping: on", "edge.yaml:3: port-mapping: gateway.https listens for this machine alone")]
    [InlineData("views: {public: {addresses: auto}}\ngateway: {https: ['0.0.0.0:443']}\nport-mapping: on", "edge.yaml:3: port-mapping: gateway.http listens for this machine alone")]
    [InlineData("views: {public: {addresses: auto}}\ngateway: {http: ['0.0.0.0:8080'], https: ['0.0.0.0:8443']}\nport-mapping: on", "edge.yaml:3: port-mapping: clients outside come to port 443, but redirects and HTTPS records say 8443; say gateway.https-port: 443")]
    [InlineData("views: {public: {addresses: auto}}\ngateway: {http: ['0.0.0.0:8080'], https: ['0.0.0.0:8443'], https-port: 443}\nport-mapping: on", null)]
    [InlineData("gateway: {http: ['0.0.0.0:80'], https: ['0.0.0.0:443']}\nport-mapping: on", "edge.yaml:2: port-mapping: no view tells the address that is found")]
    [InlineData("gateway: {https: []}\naddress-echo: on", "edge.yaml:2: address-echo: is answered by HTTPS")]
    public void Edge_check_tells_what_does_nothing(string yaml, string? expected)
    {
        var warnings = WayInCheck.Of(Read(yaml)).ToList();
        Assert.StartsWith(expected ?? "", warnings.SingleOrDefault() ?? "", StringComparison.Ordinal);
        Assert.Equal(expected is null ? 0 : 1, warnings.Count);
    }

    [Theory]
    [InlineData("{public: {addresses: auto}}", "public", "5.5.5.2")]
    [InlineData("{public: {addresses: [203.0.113.10, auto]}}", "public", "203.0.113.10 5.5.5.2")]
    [InlineData("{public: {addresses: [5.5.5.2, auto]}}", "public", "5.5.5.2")]
    [InlineData("{public: {addresses: 203.0.113.10}}", "public", "203.0.113.10")]
    [InlineData("{public: {}}", "public", "")]
    [InlineData("{lan: {}}", "lan", "192.168.77.2")]
    [InlineData("{lan: {addresses: [192.168.77.9, auto]}}", "lan", "192.168.77.9 192.168.77.2")]
    public void Auto_means_as_found(string views, string view, string expected) => Assert.Equal(
        expected,
        string.Join(' ', ViewAddresses.Resolve(Read($"views: {views}").Views, () => [IPAddress.Parse("192.168.77.2")], [IPAddress.Parse("5.5.5.2")], () => []).Single(one => one.View == view).Addresses));

    [Fact]
    public void The_ports_are_those_of_the_gateway_and_of_services_for_everywhere()
    {
        var services = ServiceSet.Empty;
        Assert.Equal(["TCP 443 to 443 (https)", "TCP 80 to 80 (http)"], Ports(AtAll + "port-mapping: on", services));
        Assert.Equal(["TCP 10443 to 443 (https)"], Ports(AtAll + "port-mapping: {https: 10443, http: off}", services));
        Assert.Empty(Ports("port-mapping: on", services));
        services = new ServiceSet(1, ShortForm.Services("services:\n  game: {to: 'udp://127.0.0.1:1', listen: 27015}\n  git: {to: 'tcp://127.0.0.1:22', listen: 2222}\n  inner: {to: 'tcp://127.0.0.1:23', listen: 2323, expose: lan}\n"), []);
        Assert.Equal(["TCP 443 to 443 (https)", "TCP 80 to 80 (http)"], Ports(AtAll + "port-mapping: on", services));
        Assert.Equal(["UDP 27015 to 27015 (game)", "TCP 2222 to 2222 (git)"], Ports(AtAll + "port-mapping: {streams: on}", services).Skip(2));
    }

    private static IEnumerable<string> Ports(string yaml, ServiceSet services) => Read(yaml) is var options ? MappedPorts.Of(options, options.PortMapping, services).Select(port => port.ToString()) : [];

    private static EdgeOptions Read(string yaml)
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse(yaml, "edge.yaml", problems);
        Assert.Equal([], problems.All);
        return options;
    }
}
