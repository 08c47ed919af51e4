using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Edge.Connections;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Connections;

/// <summary>Who stands before TLS may read the beginning of a connection, such as a line of the PROXY protocol.</summary>
public sealed class PeekedConnectionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_follows_the_line_that_was_read_is_the_handshake()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest("CN=peeked", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(100));
        var context = SslStreamCertificateContext.Create(certificate, null, offline: true);
        using var loops = new EventLoops(NullLogger<EventLoops>.Instance);
        ListenOptions? listener = null;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<IConnectionListenerFactory>(new LoopListenerFactory(loops, NullLogger<LoopListenerFactory>.Instance));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            var way = new ConnectionBuilder(kestrel.ApplicationServices);
            way.Use(next => async connection =>
            {
                await SkipLineAsync(connection);
                await next(connection);
            });
            new TlsConnections((_, _) => new SslServerAuthenticationOptions { ServerCertificateContext = context }, NullLogger.Instance).Use(way);
            kestrel.Listen(new LoopEndPoint(new IPEndPoint(IPAddress.Loopback, 0), way), listen =>
            {
                listener = listen;
                listen.Use(OfferedConnection.Before);
            });
        });
        await using var app = builder.Build();
        ((IApplicationBuilder)app).Run(request => request.Response.WriteAsync($"{request.Request.Scheme} {request.Request.Path}"));
        await app.StartAsync(Cancel);

        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, listener!.IPEndPoint!.Port, Cancel);
        await client.GetStream().WriteAsync("PROXY UNKNOWN\r\n"u8.ToArray(), Cancel);
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "peeked", RemoteCertificateValidationCallback = (_, _, _, _) => true }, Cancel);
        await tls.WriteAsync("GET /there HTTP/1.0\r\nHost: peeked\r\n\r\n"u8.ToArray(), Cancel);
        using var reader = new StreamReader(tls, Encoding.ASCII);
        Assert.EndsWith("https /there", await reader.ReadToEndAsync(Cancel));
    }

    private static async Task SkipLineAsync(ConnectionContext connection)
    {
        while (true)
        {
            var read = await connection.Transport.Input.ReadAsync(Cancel);
            if (read.Buffer.PositionOf((byte)'\n') is { } end)
            {
                connection.Transport.Input.AdvanceTo(read.Buffer.GetPosition(1, end));
                return;
            }

            connection.Transport.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
        }
    }
}
