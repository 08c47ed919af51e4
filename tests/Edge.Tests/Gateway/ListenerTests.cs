using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Edge.Gateway;
using Edge.Settings;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Where the gateway listens, and what is said when it cannot.</summary>
public sealed class ListenerTests
{
    [Fact]
    public void Without_settings_it_listens_on_the_loopback()
    {
        var options = GatewayOptions.Read(null);
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8080"), Assert.Single(options.Http));
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:8443"), Assert.Single(options.Https));
        Assert.Null(options.HttpsPort);
    }

    [Fact]
    public void Nothing_makes_keys_in_the_home_of_the_user()
    {
        var services = new ServiceCollection().AddGateway(new GatewayOptions(), _ => _ => null, _ => _ => true, null);

        Assert.DoesNotContain(services, service => service.ServiceType == typeof(IHostedService) && service.ImplementationType?.FullName?.Contains("DataProtection", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void Settings_are_read_and_every_mistake_is_told_with_its_line()
    {
        var problems = new ProblemList();
        var map = YamlDocumentReader.Read("http: []\nhttps: ['0.0.0.0:443', 'x']\nhttps-port: 70000\nhtps: 1\n", "edge.yaml", problems)!;
        var options = GatewayOptions.Read(new MapReader(map, problems));

        Assert.Empty(options.Http);
        Assert.Equal(IPEndPoint.Parse("0.0.0.0:443"), Assert.Single(options.Https));
        Assert.Equal([2, 3, 4], problems.All.Select(problem => problem.Line).Order());
        Assert.Contains(problems.All, problem => problem.Hint == "did you mean \"https\"?" || problem.Hint == "did you mean \"http\"?");
    }

    [Theory]
    [InlineData("{}", "Epoll", 0)]
    [InlineData("transport: epoll", "Epoll", 0)]
    [InlineData("transport: sockets", "Sockets", 0)]
    [InlineData("transport: pipes", "Epoll", 1)]
    public void What_carries_the_connections_can_be_chosen(string text, string expected, int wrong)
    {
        var problems = new ProblemList();
        var options = GatewayOptions.Read(new MapReader(YamlDocumentReader.Read(text, "edge.yaml", problems)!, problems));
        Assert.Equal(expected, options.Transport.ToString());
        Assert.Equal(wrong, problems.All.Count());
    }

    [Fact]
    public void A_port_that_is_taken_is_named_with_what_to_do()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var taken = (IPEndPoint)other.LocalEndpoint;

        Assert.StartsWith($"127.0.0.1:{taken.Port} (gateway.https) is taken by another program: see which with \"ss -ltnp sport = :{taken.Port}\"", PortCheck.Wrong(taken, "gateway.https"));
        Assert.Contains("is not an address of this machine", PortCheck.Wrong(IPEndPoint.Parse($"192.0.2.1:{taken.Port}"), "gateway.https"));
        Assert.Null(PortCheck.Wrong(new IPEndPoint(IPAddress.Loopback, Backend.DeadPort()), "gateway.https"));
        Assert.Null(PortCheck.Wrong(new IPEndPoint(IPAddress.Loopback, 0), "gateway.https"));
    }

    [Fact]
    public async Task Without_HTTPS_plain_HTTP_serves()
    {
        await using var backend = await Backend.SayingAsync("plain");
        await using var gateway = await RunningGateway.StartAsync(options: new GatewayOptions { Http = [new(IPAddress.Loopback, 0)], Https = [] });
        gateway.Serve(RunningGateway.Service("plain", backend.Uri));
        Assert.Equal("plain", await gateway.TextAsync("http://plain.example.com/"));
    }

    [Fact]
    public async Task The_gateway_starts_with_nothing_but_dead_destinations()
    {
        await using var gateway = await RunningGateway.StartAsync();
        gateway.Serve([.. Enumerable.Range(0, 50).Select(i => RunningGateway.Service($"dead{i}", $"http://nowhere{i}.invalid:1"))]);
        using var response = await gateway.GetAsync("https://dead7.example.com/");
        Assert.Equal(HttpStatusCode.BadGateway, response.StatusCode);
    }

    [Fact]
    public async Task A_probe_tells_whether_a_destination_takes_connections()
    {
        await using var backend = await Backend.SayingAsync("here");
        Assert.Null(await DestinationProbe.ConnectAsync(new Uri(backend.Uri), TimeSpan.FromSeconds(10), RunningGateway.Cancel));
        Assert.Contains("refused", await DestinationProbe.ConnectAsync(new Uri($"http://127.0.0.1:{Backend.DeadPort()}"), TimeSpan.FromSeconds(10), RunningGateway.Cancel));
    }

    [Theory]
    [InlineData(SslPolicyErrors.None, "other.example", true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, "backend.example", true)]
    [InlineData(SslPolicyErrors.RemoteCertificateNameMismatch, "other.example", false)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors, "backend.example", false)]
    [InlineData(SslPolicyErrors.RemoteCertificateChainErrors | SslPolicyErrors.RemoteCertificateNameMismatch, "backend.example", false)]
    public void A_destination_may_show_a_certificate_of_its_own_name_when_that_is_trusted(SslPolicyErrors errors, string destination, bool accepted)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=backend.example", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        Assert.Equal(accepted, DestinationClientFactory.Accepts(certificate, errors, [destination]));
    }
}
