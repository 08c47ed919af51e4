namespace Edge.Tests.Whole;

/// <summary>Requests without a pause from four clients, each failure kept.</summary>
internal sealed class RequestLoad : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly List<string> _failed = [];
    private readonly Task _running;
    private int _answered;

    private RequestLoad(HttpClient browser, string url) =>
        _running = Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => AskAsync(browser, url))));

    /// <summary>The newest answer's body.</summary>
    public string LastBody { get; private set; } = "";

    public static RequestLoad Start(HttpClient browser, string url) => new(browser, url);

    public async Task<(int Answered, List<string> Failed)> EndAsync()
    {
        await _end.CancelAsync();
        await _running;
        return (_answered, _failed);
    }

    public async ValueTask DisposeAsync() => await EndAsync();

    private async Task AskAsync(HttpClient browser, string url)
    {
        while (!_end.IsCancellationRequested)
        {
            try
            {
                LastBody = await browser.GetStringAsync(url);
                Interlocked.Increment(ref _answered);
            }
            catch (HttpRequestException failed)
            {
                lock (_failed)
                {
                    _failed.Add(failed.Message);
                }
            }
        }
    }
}
