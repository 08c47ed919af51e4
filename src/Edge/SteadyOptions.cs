using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Edge;

/// <summary>
/// Options that are set once, for what asks for them at the start. The container would make the nine types behind each kind
/// while it starts, a quarter of the time that takes; here the compiler has made them.
/// </summary>
internal sealed class SteadyOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] T>(IServiceCollection services, IServiceProvider provider) : IOptionsMonitor<T>, IOptions<T>
    where T : class, new()
{
    private readonly Lazy<OptionsFactory<T>> _factory = new(() => new OptionsFactory<T>(
        Registered<IConfigureOptions<T>>(services, provider), Registered<IPostConfigureOptions<T>>(services, provider), Registered<IValidateOptions<T>>(services, provider)));

    private readonly ConcurrentDictionary<string, Lazy<T>> _made = new();

    public T CurrentValue => Value;

    public T Value => Get(Options.DefaultName);

    /// <summary>Registers options of this kind, however they are asked for.</summary>
    public static void Add(IServiceCollection services)
    {
        services.AddSingleton(provider => new SteadyOptions<T>(services, provider));
        services.AddSingleton<IOptions<T>>(provider => provider.GetRequiredService<SteadyOptions<T>>());
        services.AddSingleton<IOptionsMonitor<T>>(provider => provider.GetRequiredService<SteadyOptions<T>>());
    }

    public T Get(string? name) => _made.GetOrAdd(name ?? Options.DefaultName, one => new Lazy<T>(() => _factory.Value.Create(one))).Value;

    public IDisposable? OnChange(Action<T, string?> listener) => null;

    // Most kinds have nobody who sets them, and to look for those would make types for them as well.
    private static IEnumerable<TPart> Registered<TPart>(IServiceCollection services, IServiceProvider provider)
        where TPart : class =>
        services.Any(service => service.ServiceType == typeof(TPart)) ? provider.GetServices<TPart>() : [];
}
