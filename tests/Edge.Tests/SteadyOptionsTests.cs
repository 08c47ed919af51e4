using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Edge.Tests;

/// <summary>Options that are set once say what those of the framework would say.</summary>
public sealed class SteadyOptionsTests
{
    private static readonly Dictionary<string, Action<IServiceCollection>> Settings = new()
    {
        ["nobody sets them"] = _ => { },
        ["one sets them"] = services => services.Configure<Things>(things => things.Said += "a"),
        ["the later one comes later"] = services => services.Configure<Things>(things => things.Said += "a").Configure<Things>(things => things.Said += "b"),
        ["after all others"] = services => services.PostConfigure<Things>(things => things.Said += "z").Configure<Things>(things => things.Said += "a"),
        ["for all names"] = services => services.ConfigureAll<Things>(things => things.Said += "all"),
        ["for a name"] = services => services.Configure<Things>("name", things => things.Said += "named"),
        ["by a class"] = services => services.AddSingleton<IConfigureOptions<Things>, Setup>(),
    };

    public static TheoryData<string> Cases => [.. Settings.Keys];

    [Theory]
    [MemberData(nameof(Cases))]
    public void They_are_what_the_framework_makes_of_them(string settings)
    {
        var (theirs, ours) = (With(settings, steady: false), With(settings, steady: true));
        Assert.Equal(theirs.GetRequiredService<IOptions<Things>>().Value.Said, ours.GetRequiredService<IOptions<Things>>().Value.Said);
        foreach (var name in new[] { null, "", "name", "other" })
        {
            Assert.Equal(theirs.GetRequiredService<IOptionsMonitor<Things>>().Get(name).Said, ours.GetRequiredService<IOptionsMonitor<Things>>().Get(name).Said);
        }

        Assert.Same(ours.GetRequiredService<IOptions<Things>>().Value, ours.GetRequiredService<IOptionsMonitor<Things>>().CurrentValue);
        Assert.Same(ours.GetRequiredService<IOptionsMonitor<Things>>().Get("name"), ours.GetRequiredService<IOptionsMonitor<Things>>().Get("name"));
    }

    [Fact]
    public void What_is_not_valid_is_refused()
    {
        var services = new ServiceCollection();
        services.AddOptions<Things>().Validate(things => things.Said != "", "say something");
        SteadyOptions<Things>.Add(services);
        using var provider = services.BuildServiceProvider();
        Assert.Contains("say something", Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IOptions<Things>>().Value).Message, StringComparison.Ordinal);
    }

    private static ServiceProvider With(string settings, bool steady)
    {
        var services = new ServiceCollection();
        services.AddOptions();
        if (steady)
        {
            // What is registered after it counts as well.
            SteadyOptions<Things>.Add(services);
        }

        Settings[settings](services);
        return services.BuildServiceProvider();
    }

    private sealed class Things
    {
        public string Said { get; set; } = "";
    }

    private sealed class Setup : IConfigureOptions<Things>
    {
        public void Configure(Things options) => options.Said = "by a class";
    }
}
