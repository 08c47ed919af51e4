using Edge.Docker;
using Edge.Services;
using Edge.Services.Routing;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Docker;

/// <summary>What labels declare: the schema of a file, read by the same reader, with container and label for the place.</summary>
public sealed class ContainerServicesTests
{
    private const string Web = "container web 3f2a1b0c9d8e";
    private const string Holder = "container web";

    [Theory]
    [InlineData("any label declares it, the rest is found", "edge.expose=lan", "web web.nas.example.com http://172.17.0.2:8080 Lan")]
    [InlineData("the default of the settings", "edge.host=web.nas.example.com", "web web.nas.example.com http://172.17.0.2:8080 Everywhere")]
    [InlineData("a name of its own", "edge.name=photos", "photos photos.nas.example.com http://172.17.0.2:8080 Everywhere")]
    [InlineData("the name that compose gives", "com.docker.compose.service=app_1 | edge.to=80", "app-1 app-1.nas.example.com http://172.17.0.2:80 Everywhere")]
    [InlineData("a port", "edge.to=9000", "web web.nas.example.com http://172.17.0.2:9000 Everywhere")]
    [InlineData("a URL without a host is this container", "edge.to=https://:8443/base", "web web.nas.example.com https://172.17.0.2:8443/base Everywhere")]
    [InlineData("several hosts", "edge.host=[a.nas.example.com, b.nas.example.com]", "web a.nas.example.com,b.nas.example.com http://172.17.0.2:8080 Everywhere")]
    [InlineData("several destinations", "edge.to=[80, {url: 'http://:81', weight: 3}]", "web web.nas.example.com http://172.17.0.2:80,http://172.17.0.2:81 Everywhere routed")]
    [InlineData("several services", "edge.a.to=80 | edge.b.to=81 | edge.b.expose=lan", "a a.nas.example.com http://172.17.0.2:80 Everywhere; b b.nas.example.com http://172.17.0.2:81 Lan")]
    [InlineData("its own and another", "edge.to=80 | edge.admin.to=81", "web web.nas.example.com http://172.17.0.2:80 Everywhere; admin admin.nas.example.com http://172.17.0.2:81 Everywhere")]
    [InlineData("routes", "edge.routes=[{path: /api/*, to: 9000}]", "web web.nas.example.com http://172.17.0.2:9000 Everywhere routed")]
    [InlineData("what is answered needs no port", "edge.redirect=https://elsewhere.example", "web web.nas.example.com  Everywhere routed")]
    [InlineData("a stream of an allowed port", "edge.to=tcp://:22 | edge.listen=2222", "web web.nas.example.com tcp://172.17.0.2:22 at 2222 Everywhere")]
    [InlineData("TLS that passes through opens no port", "edge.to=tls://:8443", "web web.nas.example.com tls://172.17.0.2:8443 at  Everywhere")]
    [InlineData("a network that it is in", "edge.network=back", "web web.nas.example.com http://172.18.0.2:8080 Everywhere")]
    [InlineData("labels of others are not ours", "traefik.enable=true | edgex=1", "")]
    public void Labels_declare(string why, string labels, string services)
    {
        var (found, problems) = Read(Containers.Web(labels) with { Networks = [Containers.In("back", "172.18.0.2"), Containers.In("bridge", "172.17.0.2")] }, preferred: "bridge");
        Assert.Equal((why, ""), (why, string.Join('\n', problems)));
        Assert.Equal(services, string.Join("; ", found.Select(Said)));
        Assert.All(found, service => Assert.Equal((SourceKind.Docker, Holder), (service.Source, service.Where)));
    }

    [Theory]
    [InlineData("edge.hots=a.nas.example.com", Web + ": edge.hots: is not a known key (did you mean \"host\"?)")]
    [InlineData("edge.host=a b", Web + ": edge.host: \"a b\" is not a host name: \"a b\" is not a label (labels are letters, digits and hyphens, 63 at most, with dots between them)")]
    [InlineData("edge.expose=all", Web + ": edge.expose: \"all\" is not one of lan, everywhere")]
    [InlineData("edge.to=70000", Web + ": edge.to: \"70000\" names no port from 1 to 65535")]
    [InlineData("edge.to=http://:/x", Web + ": edge.to: \"http://:/x\" names no port from 1 to 65535")]
    [InlineData("edge.to=web:80", Web + ": edge.to: \"web:80\" is not an http or https URL (write http://web:80)")]
    [InlineData("edge.to=http://:80@127.0.0.1:9000/", Web + ": edge.to: \"http://:80@127.0.0.1:9000/\" names no port from 1 to 65535")]
    [InlineData("edge.a.b.c=1", Web + ": edge.a.b.c: is no label of a service (edge.KEY or edge.NAME.KEY; what is nested is said in braces, such as edge.request-headers={set: {X-Via: edge}})")]
    [InlineData("edge.host=[a.nas.example.com", Web + ": edge.host: is not YAML: While parsing a flow sequence, did not find expected ',' or ']'. (as in a file, in one line: [a, b] or {key: value})")]
    [InlineData("edge.host=[a.nas.example.com]\nother: x", Web + ": edge.host: is more than one value (as in a file, in one line: [a, b] or {key: value})")]
    [InlineData("edge.routes=[{path: api, to: 80}]", Web + ": edge.routes[0].path: \"api\" is not a path such as /favicon.ico or /api/*")]
    [InlineData("edge.files=/etc", Web + ": edge.files: names a file of this machine, which only a file in proxy-routes/ may (say it there)")]
    [InlineData("edge.name=a b", Web + ": edge: \"a b\" is not a name for a service (one label of letters, digits and hyphens, 63 at most, neither beginning nor ending with a hyphen)", true)]
    [InlineData("edge.host=mail.example.com", Web + ": edge.host: labels may not claim the host mail.example.com (docker: hosts of edge.yaml lets them have *.nas.example.com)")]
    [InlineData("edge.host=[a.nas.example.com, mail.example.com]", Web + ": edge.host[1]: labels may not claim the host mail.example.com (docker: hosts of edge.yaml lets them have *.nas.example.com)")]
    [InlineData("edge.host=*.example.com", Web + ": edge.host: labels may not claim the host *.example.com (docker: hosts of edge.yaml lets them have *.nas.example.com)")]
    [InlineData("edge.to=tcp://:22 | edge.listen=22", Web + ": edge.listen: " + Holder + " may not have port 22 opened (name it in docker: ports of edge.yaml, which says 2222)")]
    [InlineData("edge.network=front", Web + ": edge: cannot be reached: it is not in the network front that the labels name; it is in bridge 172.17.0.2")]
    [InlineData("edge.name=a | edge.a.to=80", Web + ": edge.a: \"a\" is declared twice in this container")]
    public void Labels_that_are_wrong_are_told_with_container_and_label(string labels, string problem, bool more = false)
    {
        var (found, problems) = Read(Containers.Web(labels));
        Assert.Equal(problem, more ? problems[0] : Assert.Single(problems));
        Assert.True(found.Count == (problem.Contains("twice", StringComparison.Ordinal) ? 1 : 0));
    }

    [Theory]
    [InlineData("edge.to=http://127.0.0.1:9000", "edge.to", "http://127.0.0.1:9000")]
    [InlineData("edge.to=HTTPS://localhost:9000/x", "edge.to", "HTTPS://localhost:9000/x")]
    [InlineData("edge.to=http://2130706433:9000", "edge.to", "http://2130706433:9000")]
    [InlineData("edge.to=http://[::ffff:127.0.0.1]:9000", "edge.to", "http://[::ffff:127.0.0.1]:9000")]
    [InlineData("edge.to=http://127.0.0.1:9000/://:80", "edge.to", "http://127.0.0.1:9000/://:80")]
    [InlineData("edge.to=http://172.17.0.3:8080", "edge.to", "http://172.17.0.3:8080")]
    [InlineData("edge.to=[80, 'http://127.0.0.1:9000']", "edge.to[1]", "http://127.0.0.1:9000")]
    [InlineData("edge.to=[{url: 'http://127.0.0.1:9000', weight: 3}, 80]", "edge.to[0].url", "http://127.0.0.1:9000")]
    [InlineData("edge.to={url: 'http://127.0.0.1:9000'}", "edge.to.url", "http://127.0.0.1:9000")]
    [InlineData("edge.a.to=http://127.0.0.1:9000", "edge.a.to", "http://127.0.0.1:9000")]
    [InlineData("edge.routes=[{path: /api/*, to: 'http://127.0.0.1:9000'}]", "edge.routes[0].to", "http://127.0.0.1:9000")]
    [InlineData("edge.routes={path: /api/*, to: 'http://127.0.0.1:9000'}", "edge.routes.to", "http://127.0.0.1:9000")]
    [InlineData("edge.to=tcp://127.0.0.1:22 | edge.listen=2222", "edge.to", "tcp://127.0.0.1:22")]
    [InlineData("edge.to=udp://127.0.0.1:53 | edge.listen=2222", "edge.to", "udp://127.0.0.1:53")]
    [InlineData("edge.to=tls://127.0.0.1:8443", "edge.to", "tls://127.0.0.1:8443")]
    public void Labels_name_nothing_but_their_own_container(string labels, string field, string destination)
    {
        var (found, problems) = Read(Containers.Web(labels));
        Assert.Equal($"{Web}: {field}: labels may not name the destination {destination} (say a port of the container without a host, such as http://:8080, or name it in docker: destinations of edge.yaml, which says own)", Assert.Single(problems));
        Assert.Empty(found);
    }

    [Theory]
    [InlineData("any", "http://127.0.0.1:9000", true)]
    [InlineData("any", "http://printer.example.com", true)]
    [InlineData("192.168.1.0/24", "http://192.168.1.9:81", true)]
    [InlineData("192.168.1.0/24", "http://[::ffff:192.168.1.9]:81", true)]
    [InlineData("192.168.1.0/24 fd00:7::/64", "https://[fd00:7::9]/", true)]
    [InlineData("192.168.1.0/24", "http://:8080", true)]
    [InlineData("192.168.1.0/24", "http://192.168.2.9:81", false)]
    [InlineData("192.168.1.0/24", "http://127.0.0.1:9000", false)]
    [InlineData("192.168.1.0/24", "http://printer.example.com", false)]
    [InlineData("127.0.0.1", "http://127.0.0.1:9000", true)]
    public void The_settings_let_labels_name_more(string setting, string destination, bool taken)
    {
        var rule = LabelDestinations.Read(setting.Split(' '));
        var (found, problems) = Read(Containers.Web($"edge.to={destination}"), destinations: rule);
        Assert.Equal(taken ? [] : [$"{Web}: edge.to: labels may not name the destination {destination} (docker: destinations of edge.yaml lets them have addresses in {rule.Text})"], problems);
        Assert.Equal(taken, found.Count == 1);
    }

    [Theory]
    [InlineData("", "its image exposes no port: say at which port it listens, such as edge.to=8080")]
    [InlineData("80 443", "it exposes the ports 80, 443: say which, such as edge.to=80")]
    public void Without_a_single_exposed_port_the_port_has_to_be_said(string exposed, string hint)
    {
        var container = Containers.Web("edge.expose=lan") with { Exposed = [.. exposed.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)] };
        Assert.Contains($"{Web}: edge.to: is missing ({hint})", Read(container).Problems);
    }

    [Fact]
    public void A_wrong_service_takes_no_other_of_the_container_with_it()
    {
        var (found, problems) = Read(Containers.Web("edge.a.to=nonsense | edge.b.to=80"));
        Assert.Equal("b", Assert.Single(found).Name);
        Assert.StartsWith(Web + ": edge.a.to: ", Assert.Single(problems), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Paused", "paused: web is paused. 30")]
    [InlineData("Starting", "starting: web is starting. It is there in a moment. 5")]
    [InlineData("Restarting", "restarting: web is starting again. It is there in a moment. 5")]
    [InlineData("Unhealthy", "unhealthy: web does not work at the moment. 10")]
    [InlineData("Stopped", "stopped: web does not run at the moment. If it is being restarted, it is there again soon. 5")]
    public void A_container_that_cannot_answer_keeps_its_name_and_its_route_says_so(string state, string words)
    {
        var container = Containers.Web("edge.a.to=80 | edge.a.routes=[{path: /api/*, to: 81}] | edge.web.to=82 | edge.ssh.to=tcp://:22 | edge.ssh.listen=2222") with { State = Enum.Parse<ContainerState>(state) };
        var (found, _) = Read(container);

        Assert.Equal(["a", "web"], found.Select(service => service.Name));
        Assert.Equal(["", "path /api/*"], found[0].Routing!.Routes.Select(route => route.Match.Text));
        Assert.All(found.SelectMany(service => service.Routing!.Routes), route => Assert.IsType<NotReadyAnswer>(route.Answer));
        var said = Assert.IsType<NotReadyAnswer>(Assert.Single(found[1].Routing!.Routes).Answer);
        Assert.Equal(words, $"{said.State}: {said.Text} {said.RetrySeconds}");
        Assert.StartsWith("answered with 503, because", found[1].Remark, StringComparison.Ordinal);
        Assert.Equal(HostClaims.Of(Read(container with { State = ContainerState.Running }).Services[2], "h"), HostClaims.Of(found[1], "h"));
    }

    [Theory]
    [InlineData("edge.enable=true", "edge.enable", "leave it out: a container with any label of edge. is served, and one without is not; edge.to=8080 or edge.expose=lan is enough")]
    [InlineData("edge.enable=false | edge.to=80", "edge.enable", "leave it out: a container with any label of edge. is served, and one without is not; edge.to=8080 or edge.expose=lan is enough")]
    [InlineData("edge.photos.port=80", "edge.photos.port", "say edge.photos.to=8080")]
    [InlineData("edge.rule=Host(`a.example.com`)", "edge.rule", "say edge.host=photos.example.com, and edge.path=/api/* for a part of it")]
    public void Words_of_other_gateways_are_told_with_ours(string labels, string label, string hint)
    {
        var (found, problems) = Read(Containers.Web(labels));
        Assert.Equal($"{Web}: {label}: is no label of a service ({hint})", Assert.Single(problems));
        Assert.Empty(found);
    }

    private static (IReadOnlyList<Service> Services, IReadOnlyList<string> Problems) Read(Container container, string? preferred = null, LabelDestinations? destinations = null)
    {
        var options = new EngineOptions { Socket = "/run/docker.sock", Hosts = ["*.nas.example.com"], Ports = [2222], Destinations = destinations ?? LabelDestinations.Own };
        var (services, problems) = new ReplicaServices(options, new ServiceReader("example.com", "nas")).Read([(container, null)], container.Holder, Containers.Finder(preferred));
        return (services, [.. problems.Select((Problem problem) => problem.ToString())]);
    }

    private static string Said(Service service) =>
        $"{service.Name} {string.Join(',', service.Hosts)} {(service.Stream is { } stream ? $"{stream.To[0].OriginalString} at {string.Join(',', stream.Listen)}" : string.Join(',', service.To.Select(to => to.OriginalString)))} {service.Expose}{(service.Routing is null ? "" : " routed")}";
}
