using Edge.Services;
using Edge.Settings;

namespace Edge.Tests.Streams;

/// <summary>What a service may say that is forwarded byte by byte, and what is told of mistakes.</summary>
public sealed class ServiceStreamReaderTests
{
    [Theory]
    [InlineData("{ to: tcp://192.168.1.10:22, listen: 2222 }", "Tcp tcp://192.168.1.10:22 | 2222 | None")]
    [InlineData("{ to: [tcp://a.lan:22, 'tcp://[fd00::1]:22'], listen: [2222, '192.168.1.2:22', '[::]:22'], proxy-protocol: v1 }", "Tcp tcp://a.lan:22 tcp://[fd00::1]:22 | 2222 192.168.1.2:22 [::]:22 | V1")]
    [InlineData("{ to: tls://192.168.1.10:443, proxy-protocol: v2 }", "Tls tls://192.168.1.10:443 |  | V2")]
    [InlineData("{ to: tls://192.168.1.10:993, listen: 993, idle: 1h }", "Tls tls://192.168.1.10:993 | 993 | None 01:00:00")]
    [InlineData("{ to: UDP://192.168.1.10:27015, listen: 27015, idle: 30s }", "Udp UDP://192.168.1.10:27015 | 27015 | None 00:00:30")]
    public void It_is_read(string text, string stream)
    {
        var (service, problems) = Read(text);
        Assert.Empty(problems);
        Assert.Empty(service!.To);
        var said = service.Stream!;
        Assert.Equal(stream, $"{said.Protocol} {string.Join(' ', said.To.Select(to => to.OriginalString))} | {string.Join(' ', said.Listen)} | {said.SendProxy} {said.Idle}".TrimEnd());
    }

    [Theory]
    [InlineData("allow: [lan, 203.0.113.0/24, 'ddns:grandma.example.net']", true)]
    [InlineData("allow: [lan], auth: basic", false)]
    [InlineData("allow: [lan], rate: 10/s", false)]
    [InlineData("client-cert: edge", false)]
    public void What_a_connection_can_be_asked_for_is_its_address(string said, bool isTaken)
    {
        var (service, problems) = Read($"{{ to: tcp://192.168.1.10:22, listen: 22, {said} }}");
        Assert.Equal(isTaken, service is not null);
        Assert.Equal(isTaken ? [] : ["proxy-routes/x.yaml:3: services.ssh: says who may use it by what only a request has, which is for http:// and https:// only (say allow, or expose: lan, or guard it at its destination)"], problems.Select(problem => problem.ToString()));
    }

    [Theory]
    [InlineData("{ to: tcp://192.168.1.10:22 }", "proxy-routes/x.yaml:3: services.ssh.listen: is missing (say at which port clients connect, such as listen: 22)")]
    [InlineData("{ to: tcp://192.168.1.10, listen: 22 }", "proxy-routes/x.yaml:3: services.ssh.to: \"tcp://192.168.1.10\" names no port (such as tcp://192.168.1.10:22, all of one scheme)")]
    [InlineData("{ to: 'tcp://192.168.1.10:22/path', listen: 22 }", "proxy-routes/x.yaml:3: services.ssh.to: \"tcp://192.168.1.10:22/path\" has more than a host and a port (such as tcp://192.168.1.10:22, all of one scheme)")]
    [InlineData("{ to: [tcp://a:22, http://b:80], listen: 22 }", "proxy-routes/x.yaml:3: services.ssh.to[1]: \"http://b:80\" is not a tcp, tls or udp URL as the others are (such as tcp://192.168.1.10:22, all of one scheme)")]
    [InlineData("{ to: [tcp://a:22, udp://b:80], listen: 22 }", "proxy-routes/x.yaml:3: services.ssh.to[1]: \"udp://b:80\" has another scheme than \"tcp://a:22\" (such as tcp://192.168.1.10:22, all of one scheme)")]
    [InlineData("{ to: tcp://a:22, listen: 70000 }", "proxy-routes/x.yaml:3: services.ssh.listen: \"70000\" is not a port, or ADDRESS:PORT")]
    [InlineData("{ to: tcp://a:22, listen: 'localhost:22' }", "proxy-routes/x.yaml:3: services.ssh.listen: \"localhost:22\" is not a port, or ADDRESS:PORT")]
    [InlineData("{ to: tcp://a:22, listen: 22, proxy-protocol: v3 }", "proxy-routes/x.yaml:3: services.ssh.proxy-protocol: \"v3\" is not one of v1, v2")]
    [InlineData("{ to: udp://a:22, listen: 22, proxy-protocol: v2 }", "proxy-routes/x.yaml:3: services.ssh.proxy-protocol: is for tcp:// and tls:// only (leave it out)")]
    [InlineData("{ to: http://a:22, listen: 22 }", "proxy-routes/x.yaml:3: services.ssh.listen: is not a known key")]
    public void A_mistake_is_told_with_its_place(string text, string told)
    {
        var (service, problems) = Read(text);
        Assert.Null(service);
        Assert.StartsWith(told, Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_registration_opens_no_port_without_a_token_that_may()
    {
        var problems = new ProblemList();
        var body = JsonDocumentReader.Read("""{"to":"tcp://192.168.1.10:22","listen":22}"""u8.ToArray(), problems);
        Assert.Null(new ServiceReader("example.com", "nas").ReadLeased("ssh", body!, Declarer.Token("x"), problems));
        Assert.StartsWith("to: \"tcp://192.168.1.10:22\" is not an http or https URL (tcp://, tls:// and udp:// need a token that may have ports opened: edge token create NAME --port 2222)", Assert.Single(problems.All).ToString(), StringComparison.Ordinal);
    }

    private static (Service? Service, IReadOnlyList<Problem> Problems) Read(string text)
    {
        var problems = new ProblemList();
        var root = YamlDocumentReader.Read($"services:\n\n  ssh: {text}\n", "proxy-routes/x.yaml", problems);
        var at = ((MapNode)root!.Find("services")!).Find("ssh")!;
        return (new ServiceReader("example.com", "nas").Read("ssh", at, Declarer.File("proxy-routes/x.yaml:3"), problems), [.. problems.All]);
    }
}
