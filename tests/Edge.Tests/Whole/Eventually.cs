using System.Diagnostics;

namespace Edge.Tests.Whole;

/// <summary>Waits for something to become true, not for time to pass.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="condition">Asked again and again.</param>
    /// <param name="otherwise">What to say when it never came true.</param>
    /// <param name="onFailureAlso">True when waiting longer is of no use.</param>
    /// <param name="patience">How long at most; 30 seconds when left out.</param>
    public static async Task TrueAsync(Func<Task<bool>> condition, Func<string> otherwise, Func<bool>? onFailureAlso = null, TimeSpan? patience = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            if (watch.Elapsed > (patience ?? Patience) || onFailureAlso?.Invoke() == true)
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(20);
        }
    }
}
