using System.Net;
using System.Net.Sockets;
using System.Text;
using Edge.PortMapping;
using Edge.PortMapping.Upnp;

namespace Edge.Tests.PortMapping;

/// <summary>UPnP InternetGatewayDevice: what is asked, what is understood, and what of a hostile device is not.</summary>
public sealed class UpnpTests
{
    private static readonly WantedMapping Wanted = new(MappingProtocol.Tcp, 8443, 443, "https");
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void AddPortMapping_has_the_arguments_in_the_order_of_the_standard()
    {
        var body = SoapCall.AddPortMapping("urn:schemas-upnp-org:service:WANIPConnection:1", "AddPortMapping", Wanted, IPAddress.Parse("192.168.77.2"), "0123abcd", TimeSpan.FromHours(1));
        Assert.Contains(
            "<u:AddPortMapping xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\"><NewRemoteHost></NewRemoteHost><NewExternalPort>443</NewExternalPort><NewProtocol>TCP</NewProtocol>"
            + "<NewInternalPort>8443</NewInternalPort><NewInternalClient>192.168.77.2</NewInternalClient><NewEnabled>1</NewEnabled><NewPortMappingDescription>Edge https (0123abcd)</NewPortMappingDescription>"
            + "<NewLeaseDuration>3600</NewLeaseDuration></u:AddPortMapping>", body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLocation: http://192.168.77.1:5000/d.xml\r\n\r\n", "http://192.168.77.1:5000/d.xml")]
    [InlineData("HTTP/1.1 200 OK\r\nLOCATION:http://192.168.77.1:5000/d.xml\r\nst: urn:schemas-upnp-org:device:InternetGatewayDevice:2\r\n\r\n", "http://192.168.77.1:5000/d.xml")]
    [InlineData("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:MediaServer:1\r\nLOCATION: http://192.168.77.1:5000/d.xml\r\n\r\n", null)]
    [InlineData("NOTIFY * HTTP/1.1\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: http://192.168.77.1:5000/d.xml\r\n\r\n", null)]
    [InlineData("HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\n\r\n", null)]
    [InlineData("\0\u0001\u0002garbage", null)]
    [InlineData("", null)]
    public void An_answer_to_a_search(string text, string? location) => Assert.Equal(location, SsdpMessage.ReadLocation(Encoding.Latin1.GetBytes(text))?.ToString());

    [Theory]
    [InlineData("http://192.168.77.1:5000/d.xml", true)]
    [InlineData("http://192.168.77.9:5000/d.xml", false)]
    [InlineData("http://router.example:5000/d.xml", false)]
    [InlineData("https://192.168.77.1/d.xml", false)]
    [InlineData("http://u:p@192.168.77.1/d.xml", false)]
    [InlineData("http://192.168.77.1@192.168.77.9/d.xml", false)]
    [InlineData("file:///etc/passwd", false)]
    public void Only_the_router_itself_is_called(string url, bool isOfRouter) => Assert.Equal(isOfRouter, RouterHttp.IsOfRouter(new Uri(url), IPAddress.Parse("192.168.77.1")));

    [Theory]
    [InlineData("/control", "", 1)]
    [InlineData("http://192.168.77.1:5000/control", "", 1)]
    [InlineData("http://192.168.77.9/control", "", 0)]
    [InlineData("//192.168.77.9/control", "", 0)]
    [InlineData("/control", "<URLBase>http://192.168.77.9/</URLBase>", 0)]
    [InlineData("/control", "<URLBase>http://192.168.77.1:80/</URLBase>", 1)]
    [InlineData("gopher://192.168.77.1/", "", 0)]
    public void The_control_stays_at_the_router(string control, string more, int found) =>
        Assert.Equal(found, DeviceDescription.Read(FakeDevice.Description(control: control, more: more), new Uri("http://192.168.77.1:5000/d.xml"), IPAddress.Parse("192.168.77.1")).Count);

    [Fact]
    public void A_bomb_of_entities_an_entity_from_elsewhere_and_a_well_of_tags_are_no_descriptions()
    {
        Assert.Null(RouterXml.Read("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;\">]><root><a>&y;</a></root>"));
        Assert.Null(RouterXml.Read("<?xml version=\"1.0\"?><!DOCTYPE a SYSTEM \"http://192.168.77.9/x.dtd\"><root><a>b</a></root>"));
        Assert.Null(RouterXml.Read(string.Concat(Enumerable.Repeat("<a>", 5000)) + string.Concat(Enumerable.Repeat("</a>", 5000))));
        Assert.Null(RouterXml.Read("<root><a>"));
        Assert.Null(RouterXml.Read("<root><a>" + new string('x', RouterHttp.Most) + "</a></root>"));
    }

    [Fact]
    public async Task A_redirect_and_a_body_without_end_lead_nowhere()
    {
        using var elsewhere = new FakeDevice((_, _, _) => (200, FakeDevice.Description()));
        using var redirecting = new FakeDevice((_, _, _) => (302, elsewhere.Location.ToString()));
        Assert.Null(await OpenAsync(redirecting));
        Assert.Empty(elsewhere.Called);
        using var huge = new FakeDevice((_, _, _) => (200, FakeDevice.Description() + new string(' ', RouterHttp.Most)));
        Assert.Null(await OpenAsync(huge));
        using var mute = new FakeDevice((_, _, _) => (404, ""));
        Assert.Null(await OpenAsync(mute));
    }

    [Fact]
    public async Task Who_is_not_the_router_is_not_heard()
    {
        using var router = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.2"), 0));
        using var other = new UdpClient(new IPEndPoint(IPAddress.Parse("127.0.0.3"), 0));
        var searching = new SsdpSearch(IPAddress.Parse("127.0.0.2"), TimeProvider.System, ((IPEndPoint)router.Client.LocalEndPoint!).Port).FindAsync(IPAddress.Loopback, Cancel);
        var asked = await router.ReceiveAsync(Cancel);
        Assert.StartsWith("M-SEARCH * HTTP/1.1\r\n", Encoding.ASCII.GetString(asked.Buffer), StringComparison.Ordinal);
        const string answer = "HTTP/1.1 200 OK\r\nST: urn:schemas-upnp-org:device:InternetGatewayDevice:1\r\nLOCATION: ";
        await other.SendAsync(Encoding.ASCII.GetBytes(answer + "http://127.0.0.2:1/other.xml\r\n\r\n"), asked.RemoteEndPoint, Cancel);
        await router.SendAsync(Encoding.ASCII.GetBytes(answer + "http://127.0.0.3:1/elsewhere.xml\r\n\r\n"), asked.RemoteEndPoint, Cancel);
        await router.SendAsync(Encoding.ASCII.GetBytes(answer + "http://127.0.0.2:1/own.xml\r\n\r\n"), asked.RemoteEndPoint, Cancel);
        Assert.Equal("http://127.0.0.2:1/own.xml", (await searching)?.ToString());
    }

    [Fact]
    public async Task A_router_that_takes_only_permanent_leases_gets_one()
    {
        using var device = new FakeDevice((path, action, body) => action switch
        {
            "" => (200, FakeDevice.Description()),
            "GetExternalIPAddress" => FakeDevice.Done(action, "<NewExternalIPAddress>5.5.5.2</NewExternalIPAddress>"),
            "AddPortMapping" when !body.Contains("<NewLeaseDuration>0<", StringComparison.Ordinal) => FakeDevice.Error(725),
            "AddPortMapping" => FakeDevice.Done(action),
            _ => FakeDevice.Error(714),
        });
        using var client = (await OpenAsync(device))!;
        var answer = await client.MapAsync(Wanted, TimeSpan.FromHours(1), Cancel);
        Assert.Equal((MapOutcome.Made, null), (answer.Outcome, answer.Lifetime));
        Assert.Equal("5.5.5.2", (await client.AskAddressAsync([], Cancel)).Address?.ToString());
        Assert.True(await client.RemoveAsync(Wanted, Cancel));
    }

    [Theory]
    [InlineData("192.168.77.50", "Edge https", MapOutcome.Taken)] // another device, which some routers would take it from
    [InlineData("127.0.0.1", "a game", MapOutcome.Taken)] // another program of this machine
    [InlineData("192.168.77.50", "Edge https (99999999)", MapOutcome.Taken)] // another Edge
    [InlineData("127.0.0.1", "Edge https", MapOutcome.Made)] // our own, of before
    [InlineData("127.0.0.1", "Edge https (0123abcd)", MapOutcome.Made)]
    [InlineData("192.168.77.50", "Edge https (0123abcd)", MapOutcome.Made)] // our own, of when we had another address
    public async Task What_is_not_ours_is_not_touched(string holder, string description, object outcome)
    {
        using var device = new FakeDevice((path, action, body) => action switch
        {
            "" => (200, FakeDevice.Description()),
            "GetSpecificPortMappingEntry" => FakeDevice.Done(action, $"<NewInternalPort>8443</NewInternalPort><NewInternalClient>{holder}</NewInternalClient><NewPortMappingDescription>{description}</NewPortMappingDescription>"),
            _ => FakeDevice.Done(action),
        });
        using var client = (await OpenAsync(device))!;
        Assert.Equal(outcome, (await client.MapAsync(Wanted, TimeSpan.FromHours(1), Cancel)).Outcome);

        // Where it is somebody else's there is none of ours to take back, today or at any other look.
        Assert.True(await client.RemoveAsync(Wanted, Cancel));
        Assert.Equal((MapOutcome)outcome == MapOutcome.Made, device.Called.Contains("DeletePortMapping") && device.Called.Contains("AddPortMapping"));
    }

    [Theory]
    [InlineData(0, "GetSpecificPortMappingEntry DeletePortMapping AddPortMapping")]
    [InlineData(606, "GetSpecificPortMappingEntry DeletePortMapping")]
    public async Task Ours_of_another_address_goes_before_the_new_one_comes(int error, string called)
    {
        using var device = new FakeDevice((path, action, body) => action switch
        {
            "" => (200, FakeDevice.Description()),
            "GetSpecificPortMappingEntry" => FakeDevice.Done(action, "<NewInternalPort>8443</NewInternalPort><NewInternalClient>192.168.77.50</NewInternalClient><NewPortMappingDescription>Edge https (0123abcd)</NewPortMappingDescription>"),
            "DeletePortMapping" when error != 0 => FakeDevice.Error(error),
            _ => FakeDevice.Done(action),
        });
        using var client = (await OpenAsync(device))!;
        device.Called.Clear();
        var answer = await client.MapAsync(Wanted, TimeSpan.FromHours(1), Cancel);
        Assert.Equal(called, string.Join(' ', device.Called));
        Assert.Equal(error == 0 ? MapOutcome.Made : MapOutcome.Taken, answer.Outcome);
        if (error != 0)
        {
            Assert.Contains("it is ours, of when this machine was 192.168.77.50, and the router does not let us remove it", answer.Reason, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(443, MapOutcome.Made)]
    [InlineData(50001, MapOutcome.Taken)]
    public async Task A_second_version_may_be_asked_for_any_port_and_is_only_taken_at_its_word(int port, object outcome)
    {
        using var device = new FakeDevice((path, action, body) => action switch
        {
            "" => (200, FakeDevice.Description("urn:schemas-upnp-org:service:WANIPConnection:2")),
            "GetSpecificPortMappingEntry" => FakeDevice.Error(714),
            "AddPortMapping" => FakeDevice.Error(401),
            "AddAnyPortMapping" => FakeDevice.Done(action, $"<NewReservedPort>{port}</NewReservedPort>"),
            _ => FakeDevice.Done(action),
        });
        using var client = (await OpenAsync(device))!;
        Assert.Equal(outcome, (await client.MapAsync(Wanted, TimeSpan.FromHours(1), Cancel)).Outcome);
    }

    [Fact]
    public async Task A_device_that_answers_garbage_refuses()
    {
        using var device = new FakeDevice((path, action, body) => action.Length == 0 ? (200, FakeDevice.Description()) : (200, "<html><body>login</body>"));
        using var client = (await OpenAsync(device))!;
        Assert.Equal(MapOutcome.Silent, (await client.MapAsync(Wanted, TimeSpan.FromHours(1), Cancel)).Outcome);
        Assert.False((await client.AskAddressAsync([], Cancel)).HasAnswered);
    }

    private static Task<UpnpClient?> OpenAsync(FakeDevice device) => UpnpClient.OpenAsync(device.Location, IPAddress.Loopback, IPAddress.Loopback, "0123abcd", TimeProvider.System, Cancel);
}
