using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.AcmeServer;

/// <summary>A root does not live for ever, and what it cannot do any more is said.</summary>
public sealed class RootEndTests
{
    [Fact]
    public async Task After_the_end_of_the_root_an_order_is_refused_with_the_reason()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        await using var server = await RunningAcmeServer.StartAsync(time);
        var key = DeviceKey.Create(server.Folder, "P-256");
        time.Advance(TimeSpan.FromDays(3653));
        var account = await server.RegisterAsync(key);
        var refused = await server.FinalizeAsync(key, account, "tv.local");
        Assert.Equal("serverInternal", refused.Error);
        Assert.Contains("ended", refused.Text);
    }
}
