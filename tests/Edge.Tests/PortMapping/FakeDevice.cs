using System.Net;
using System.Text;

namespace Edge.Tests.PortMapping;

/// <summary>A UPnP device on the loopback that answers what a test wants.</summary>
internal sealed class FakeDevice : IDisposable
{
    private readonly HttpListener _http = new();

    /// <param name="answer">Given the path, the action and the body: the status and what is written.</param>
    public FakeDevice(Func<string, string, string, (int Status, string Text)> answer)
    {
        var port = Dns.Tests.Interop.FreePorts.Next();
        Location = new Uri($"http://127.0.0.1:{port}/description.xml");
        _http.Prefixes.Add($"http://127.0.0.1:{port}/");
        _http.Start();
        _ = RunAsync(answer);
    }

    public Uri Location { get; }

    /// <summary>The actions that were called.</summary>
    public List<string> Called { get; } = [];

    /// <summary>A description with one service.</summary>
    public static string Description(string service = "urn:schemas-upnp-org:service:WANIPConnection:1", string control = "/control", string more = "") => $"""
        <?xml version="1.0"?>
        <root xmlns="urn:schemas-upnp-org:device-1-0">{more}<device><deviceType>urn:schemas-upnp-org:device:InternetGatewayDevice:1</deviceType><deviceList><device><serviceList>
        <service><serviceType>{service}</serviceType><serviceId>urn:upnp-org:serviceId:WANIPConn1</serviceId><controlURL>{control}</controlURL><eventSubURL>/e</eventSubURL><SCPDURL>/s</SCPDURL></service>
        </serviceList></device></deviceList></device></root>
        """;

    public static (int Status, string Text) Done(string action, string arguments = "") =>
        (200, $"<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><u:{action}Response xmlns:u=\"urn:schemas-upnp-org:service:WANIPConnection:1\">{arguments}</u:{action}Response></s:Body></s:Envelope>");

    public static (int Status, string Text) Error(int code) =>
        (500, $"<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault><faultcode>s:Client</faultcode><faultstring>UPnPError</faultstring><detail><UPnPError xmlns=\"urn:schemas-upnp-org:control-1-0\"><errorCode>{code}</errorCode><errorDescription>said so</errorDescription></UPnPError></detail></s:Fault></s:Body></s:Envelope>");

    public void Dispose() => _http.Close();

    private async Task RunAsync(Func<string, string, string, (int Status, string Text)> answer)
    {
        try
        {
            while (true)
            {
                var context = await _http.GetContextAsync();
                var action = (context.Request.Headers["SOAPACTION"] ?? "").Trim('"').Split('#')[^1];
                using var reader = new StreamReader(context.Request.InputStream);
                var body = await reader.ReadToEndAsync();
                lock (Called)
                {
                    Called.Add(action.Length > 0 ? action : context.Request.Url!.AbsolutePath);
                }

                var (status, text) = answer(context.Request.Url!.AbsolutePath, action, body);
                context.Response.StatusCode = status;
                if (status is 301 or 302)
                {
                    context.Response.RedirectLocation = text;
                    text = "";
                }

                try
                {
                    await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(text));
                    context.Response.Close();
                }
                catch (HttpListenerException)
                {
                    // Who asked has heard enough.
                }
            }
        }
        catch (Exception over) when (over is ObjectDisposedException or HttpListenerException or InvalidOperationException)
        {
            // The end of the test.
        }
    }
}
