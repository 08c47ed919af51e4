using System.Net.Security;
using System.Security.Authentication;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Edge.Acme.Hosting;

/// <summary>Certificates from an ACME CA for an ASP.NET Core application.</summary>
public static class EdgeCertificates
{
    /// <summary>Obtains and renews certificates while the application runs. They are shown by listeners with <see cref="UseEdgeCertificates"/>.</summary>
    public static EdgeCertificatesBuilder AddEdgeCertificates(this IServiceCollection services, Action<EdgeCertificatesOptions> configure)
    {
        services.Configure(configure);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IAcmeFiles, MemoryFiles>();
        services.AddSingleton<ServedCertificates>();
        services.AddSingleton<HttpChallenges>().AddSingleton<IChallengeSolver>(provider => provider.GetRequiredService<HttpChallenges>());
        services.AddSingleton<TlsChallenges>().AddSingleton<IChallengeSolver>(provider => provider.GetRequiredService<TlsChallenges>());
        services.AddSingleton<IStartupFilter, HttpChallengeFilter>();
        services.AddHostedService<EdgeCertificatesLoop>();
        return new EdgeCertificatesBuilder(services);
    }

    /// <summary>The same by a section of the application's configuration, such as <c>configuration.GetSection("EdgeCertificates")</c>, whose keys have the names of the options.</summary>
    public static EdgeCertificatesBuilder AddEdgeCertificates(this IServiceCollection services, IConfiguration section) =>
        services.AddEdgeCertificates(certificates => EdgeCertificatesSection.Read(section, certificates));

    /// <summary>Makes this a listener for HTTPS that shows the certificates, the newest at each handshake, and answers tls-alpn-01.</summary>
    public static ListenOptions UseEdgeCertificates(this ListenOptions listen)
    {
        var served = listen.ApplicationServices.GetRequiredService<ServedCertificates>();
        TlsChallengeConnections.Use(listen, listen.ApplicationServices.GetRequiredService<TlsChallenges>());
        return listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = handshake => ValueTask.FromResult(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = served.Select(handshake.ClientHelloInfo.ServerName),
                EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
                ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
            }),
        });
    }
}
