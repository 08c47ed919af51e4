using Edge.Settings;
using Xunit;

namespace Edge.Tests.Docker;

/// <summary>The section <c>docker</c> of edge.yaml.</summary>
public sealed class DockerOptionsTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("docker: off", "")]
    [InlineData("docker: on", "/var/run/docker.sock *.nas.example.com Everywhere   own 10s")]
    [InlineData("docker: { expose: lan, network: proxy, ports: [2222, 25565] }", "/var/run/docker.sock *.nas.example.com Lan proxy 2222,25565 own 10s")]
    [InlineData("docker: { socket: 'unix:///run/podman/podman.sock', hosts: ['*.example.com', example.com] }", "/run/podman/podman.sock *.example.com,example.com Everywhere   own 10s")]
    [InlineData("docker: { socket: [/a.sock, /b.sock], hosts: '*' }", "/a.sock * Everywhere   own 10s; /b.sock * Everywhere   own 10s")]
    [InlineData("docker:\n  - socket: /a.sock\n  - socket: /b.sock\n    hosts: b.example.com", "/a.sock *.nas.example.com Everywhere   own 10s; /b.sock b.example.com Everywhere   own 10s")]
    [InlineData("docker: { destinations: own }", "/var/run/docker.sock *.nas.example.com Everywhere   own 10s")]
    [InlineData("docker: { destinations: any }", "/var/run/docker.sock *.nas.example.com Everywhere   any 10s")]
    [InlineData("docker: { destinations: [192.168.1.0/24, 'fd00:7::/64', 10.0.0.7] }", "/var/run/docker.sock *.nas.example.com Everywhere   192.168.1.0/24, fd00:7::/64, 10.0.0.7/32 10s")]
    [InlineData("docker: { hold: 1m }", "/var/run/docker.sock *.nas.example.com Everywhere   own 1m")]
    public void Is_read(string text, string engines)
    {
        var (options, problems) = Read(text);
        Assert.Equal(("", engines), (problems, options.Docker.Text));
    }

    [Theory]
    [InlineData("docker: yes", "e.yaml:3: docker: is neither \"on\" nor \"off\" nor a mapping, nor a list of mappings (known in it: socket, hosts, expose, network, ports, destinations, hold)")]
    [InlineData("docker: { socket: tcp://1.2.3.4:2375 }", "e.yaml:3: docker.socket: \"tcp://1.2.3.4:2375\" is not the path of a socket, such as /var/run/docker.sock")]
    [InlineData("docker: { hosts: ['a b'] }", "e.yaml:3: docker.hosts[0]: \"a b\" is not a host, *.x for everything below x, or * for all")]
    [InlineData("docker: { ports: 0 }", "e.yaml:3: docker.ports: \"0\" is not a port from 1 to 65535")]
    [InlineData("docker: { host: x }", "e.yaml:3: docker.host: is not a known key (did you mean \"hosts\"?)")]
    [InlineData("docker: { socket: [/a.sock, /a.sock] }", "e.yaml:3: docker: names the socket /a.sock twice (leave one out)")]
    [InlineData("docker: { destinations: others }", "e.yaml:3: docker.destinations: \"others\" is not own, any, or a network without bits behind its prefix (192.168.1.0/24)")]
    [InlineData("docker: { destinations: [192.168.1.7/24] }", "e.yaml:3: docker.destinations[0]: \"192.168.1.7/24\" is not own, any, or a network without bits behind its prefix (192.168.1.0/24)")]
    [InlineData("docker: { hold: 6m }", "e.yaml:3: docker.hold: \"6m\" is not a time such as 5s or 1m, 5m at most")]
    public void Mistakes_are_told(string text, string problem) => Assert.Equal(problem, Read(text).Problems);

    private static (EdgeOptions Options, string Problems) Read(string text)
    {
        var problems = new ProblemList();
        var options = EdgeOptionsFile.Parse("domain: example.com\nnode: nas\n" + text, "e.yaml", problems);
        return (options, string.Join('\n', problems.All));
    }
}
