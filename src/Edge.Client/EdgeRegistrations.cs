using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Edge.Client;

/// <summary>Registers applications with Edge.</summary>
public static class EdgeRegistrations
{
    /// <summary>The section of an application's settings that is read.</summary>
    public const string Section = "Edge";

    /// <summary>
    /// Registers the application as a service of this name once it listens, keeps it registered while it runs, and takes it away
    /// before it stops. Call it again with another name for a second service.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="name">The service's name: one label of letters, digits and hyphens.</param>
    /// <param name="configure">Says more, or what the settings and the environment do not.</param>
    public static IServiceCollection AddEdgeRegistration(this IServiceCollection services, string name, Action<EdgeRegistrationOptions>? configure = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<EdgeRegistrationOptions>(name)
            .Configure<IConfiguration>(FromSettings)
            .Configure(options => configure?.Invoke(options))
            .Validate(options => options.Url is { IsAbsoluteUri: true, Scheme: "http" or "https" }, $"Edge registration {name}: Url (EDGE_URL) is not the address of an Edge; it looks like {EdgeRegistrationOptions.OnThisMachine}")
            .Validate(options => options.TimeToLive >= TimeSpan.FromSeconds(5) && options.TimeToLive <= TimeSpan.FromHours(24), $"Edge registration {name}: TimeToLive is not from 5 seconds to 24 hours")
            .Validate(options => options.Destination is null or { IsAbsoluteUri: true, Scheme: "http" or "https" }, $"Edge registration {name}: Destination is not an http or https URL")
            .Validate(options => options.RemovalTimeout >= TimeSpan.Zero, $"Edge registration {name}: RemovalTimeout is negative");
        return services.AddSingleton<IHostedService>(provider => Create(name, provider));
    }

    private static void FromSettings(EdgeRegistrationOptions options, IConfiguration settings)
    {
        // An application's own builder may have left the environment out of its settings.
        if ((settings["EDGE_URL"] ?? Environment.GetEnvironmentVariable("EDGE_URL")) is { Length: > 0 } url)
        {
            // What is no address is kept, so that it is told as such.
            options.Url = new Uri(url, UriKind.RelativeOrAbsolute);
        }

        options.Token = settings["EDGE_TOKEN"] ?? Environment.GetEnvironmentVariable("EDGE_TOKEN");
        settings.GetSection(Section).Bind(options);
    }

    private static RegistrationService Create(string name, IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptionsMonitor<EdgeRegistrationOptions>>().Get(name);
        var application = new Application(options, provider.GetService<IServer>(), provider.GetService<EndpointDataSource>());
        var log = provider.GetRequiredService<ILogger<RegistrationKeeper>>();
        return new RegistrationService(new RegistrationKeeper(name, options, new RegistrationApi(name, options), application, provider.GetRequiredService<TimeProvider>(), log), options);
    }
}
