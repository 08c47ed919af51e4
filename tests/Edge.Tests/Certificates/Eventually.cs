using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>Waits for something to become true.</summary>
internal static class Eventually
{
    /// <summary>Looks again and again for at most <paramref name="seconds"/>; then fails with what is there instead.</summary>
    public static async Task TrueAsync(Func<bool> condition, Func<string> otherwise, int seconds = 30)
    {
        var deadline = DateTime.UtcNow.AddSeconds(seconds);
        while (!condition())
        {
            Assert.True(DateTime.UtcNow < deadline, otherwise());
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
