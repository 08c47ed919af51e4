using System.Text.Json;
using System.Threading.Channels;

namespace Edge.Tests.Services;

/// <summary>Somebody who listens to registrations: each event as "put hello", with the last id that was said.</summary>
internal sealed class WatchedRegistrations : IAsyncDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();
    private readonly Task _reading;

    private WatchedRegistrations(HttpResponseMessage answer)
    {
        _answer = answer;
        _reading = ReadAsync();
    }

    public string LastId { get; private set; } = "";

    public JsonElement LastData { get; private set; }

    /// <summary>The stream has ended, and not by us.</summary>
    public bool HasEnded => _reading.IsCompleted;

    public static async Task<WatchedRegistrations> StartAsync(RegistrationHost host, string? token = null, params string[] headers)
    {
        var answer = await host.AnswerAsync(HttpMethod.Get, "/v1/services?watch=true", token, null, headers);
        answer.EnsureSuccessStatusCode();
        return new WatchedRegistrations(answer);
    }

    /// <summary>The next event.</summary>
    public async Task<string> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await _events.Reader.ReadAsync(patience.Token);
    }

    /// <summary>The events up to one of this kind.</summary>
    public async Task<string> UntilAsync(string last)
    {
        var all = new List<string>();
        do
        {
            all.Add(await NextAsync());
        }
        while (all[^1] != last);
        return string.Join(", ", all);
    }

    public async ValueTask DisposeAsync()
    {
        _answer.Dispose();
        await _reading;
    }

    private async Task ReadAsync()
    {
        try
        {
            using var lines = new StreamReader(await _answer.Content.ReadAsStreamAsync());
            var kind = "";
            while (await lines.ReadLineAsync() is { } line)
            {
                if (line.StartsWith("event: ", StringComparison.Ordinal))
                {
                    kind = line["event: ".Length..];
                }
                else if (line.StartsWith("id:", StringComparison.Ordinal))
                {
                    LastId = line["id:".Length..].Trim();
                }
                else if (line.StartsWith("data: ", StringComparison.Ordinal))
                {
                    LastData = JsonDocument.Parse(line["data: ".Length..]).RootElement;
                    _events.Writer.TryWrite(LastData.TryGetProperty("name", out var name) ? $"{kind} {name.GetString()}" : kind);
                }
            }
        }
        catch (Exception gone) when (gone is IOException or HttpRequestException or ObjectDisposedException or OperationCanceledException)
        {
            // The end of the stream.
        }
    }
}
