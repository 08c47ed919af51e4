namespace Edge.Streams;

/// <summary>Puts the streams together.</summary>
internal static class StreamRegistration
{
    /// <param name="services">The program's services.</param>
    /// <param name="options">What to know of the gateway.</param>
    /// <param name="clients">Knows who may use what.</param>
    public static IServiceCollection AddStreams(this IServiceCollection services, StreamOptions options, Func<IServiceProvider, StreamClients> clients) => services
        .AddSingleton(options)
        .AddSingleton(clients)
        .AddSingleton(provider => new StreamForwarder(options.Listeners, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamForwarder>>()))
        .AddSingleton(provider => new StreamManager(options, provider.GetRequiredService<StreamForwarder>(), provider.GetRequiredService<StreamClients>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<StreamManager>>()))
        .AddSingleton<StreamGate>();
}
