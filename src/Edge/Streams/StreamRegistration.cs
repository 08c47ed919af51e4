using System.Net;

namespace Edge.Streams;

/// <summary>Puts the streams together.</summary>
internal static class StreamRegistration
{
    /// <param name="services">The program's services.</param>
    /// <param name="options">What to know of the gateway.</param>
    /// <param name="isLan">Knows the clients of the view "lan".</param>
    /// <param name="isBanned">Knows the clients that are let in nowhere.</param>
    public static IServiceCollection AddStreams(this IServiceCollection services, StreamOptions options, Func<IPAddress, bool> isLan, Func<IPAddress, bool> isBanned) => services
        .AddSingleton(options)
        .AddSingleton(provider => new StreamForwarder(isLan, isBanned, options.Listeners, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamForwarder>>()))
        .AddSingleton(provider => new StreamManager(options, provider.GetRequiredService<StreamForwarder>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamManager>>()))
        .AddSingleton<StreamGate>();
}
