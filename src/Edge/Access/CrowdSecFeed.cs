using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Edge.Dns.Files;

namespace Edge.Access;

/// <summary>
/// Follows the decisions of CrowdSec's local API, or of whatever serves the same shape: all of them at first, then what is
/// new and what was deleted. While it does not answer, its decisions hold until they end by themselves.
/// </summary>
internal sealed partial class CrowdSecFeed(BanManager bans, TimeProvider time, ILogger log) : IDisposable
{
    private const int MostDecisions = 500_000;
    private const int MostKeyBytes = 4096;
    private const int MostBytes = 256 << 20;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5), ActivityHeadersPropagator = null })
    {
        Timeout = TimeSpan.FromSeconds(60),
        MaxResponseContentBufferSize = MostBytes,
    };

    private ImmutableDictionary<IPNetwork, Ban> _decisions = ImmutableDictionary<IPNetwork, Ban>.Empty;
    private CrowdSecOptions? _followed;
    private bool _whole;
    private bool _failing;

    /// <summary>Asks again and again, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            var options = bans.Options.CrowdSec;
            await OnceAsync(options, cancel);
            await Task.Delay(options?.Every ?? Idle, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task OnceAsync(CrowdSecOptions? options, CancellationToken cancel)
    {
        if (options != _followed)
        {
            (_followed, _whole, _decisions) = (options, false, ImmutableDictionary<IPNetwork, Ban>.Empty);
            bans.Feed(_decisions);
        }

        if (options is null)
        {
            return;
        }

        try
        {
            var key = Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(options.KeyFile, MostKeyBytes)).Trim();
            using var question = new HttpRequestMessage(HttpMethod.Get, new Uri(options.Url, $"v1/decisions/stream?startup={(_whole ? "false" : "true")}"));
            question.Headers.TryAddWithoutValidation("X-Api-Key", key);
            question.Headers.TryAddWithoutValidation("User-Agent", "edge");
            using var answer = await _client.SendAsync(question, cancel);
            if (!answer.IsSuccessStatusCode)
            {
                Fail(options, $"it answered {(int)answer.StatusCode}{(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized ? ", so the key is not known there" : "")}");
                return;
            }

            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            using var document = await JsonDocument.ParseAsync(body, default, cancel);
            Take(document.RootElement);
            if (_failing || !_whole)
            {
                Log.Follows(log, options.Url, _decisions.Count);
            }

            (_whole, _failing) = (true, false);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            Fail(options, failed.Message);
        }
        catch (OperationCanceledException)
        {
            // The end of the run.
        }
    }

    private void Fail(CrowdSecOptions options, string reason)
    {
        // What was deleted meanwhile is told to nobody twice: begin with all of them.
        _whole = false;
        if (!_failing)
        {
            _failing = true;
            Log.Failed(log, options.Url, reason);
        }
    }

    private void Take(JsonElement root)
    {
        var next = (_whole ? _decisions : ImmutableDictionary<IPNetwork, Ban>.Empty).ToBuilder();
        foreach (var gone in Decisions(root, "deleted"))
        {
            if (Network(gone) is { } network)
            {
                next.Remove(network);
            }
        }

        var now = time.GetUtcNow();
        foreach (var decision in Decisions(root, "new").Take(MostDecisions))
        {
            if (Text(decision, "type") == "ban" && Network(decision) is { } network && Duration(Text(decision, "duration")) is { } length)
            {
                next[network] = new Ban(network, now + length, Text(decision, "scenario"), Ban.ByCrowdSec, 1);
            }
        }

        foreach (var over in next.Values.Where(ban => ban.Until <= now).ToList())
        {
            next.Remove(over.Network);
        }

        var found = next.ToImmutable();
        if (found != _decisions)
        {
            _decisions = found;
            bans.Feed(found);
        }
    }

    // Both lists may be null.
    private static IEnumerable<JsonElement> Decisions(JsonElement root, string list) =>
        root.TryGetProperty(list, out var decisions) && decisions.ValueKind == JsonValueKind.Array ? decisions.EnumerateArray() : [];

    private static string Text(JsonElement decision, string name) =>
        decision.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    // Countries and networks of providers are other scopes. Half the internet is somebody's slip.
    private static IPNetwork? Network(JsonElement decision) =>
        Text(decision, "scope").ToLowerInvariant() is "ip" or "range" && NetworkOf(Text(decision, "value")) is { } network
            && network.PrefixLength >= (network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 8 : 16)
            ? network
            : null;

    // Another program's list is taken at what it means, and not sent back to somebody.
    private static IPNetwork? NetworkOf(string text) => Ban.Parse(text, out var instead) ?? (instead is null ? null : IPNetwork.Parse(instead));

    // As Go writes times: 3h59m52.012s, 167h23m10s, 850ms; what has ended has a minus.
    private static TimeSpan? Duration(string text)
    {
        var total = TimeSpan.Zero;
        var rest = text.AsSpan();
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept("0123456789.");
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) || number > 1e9)
            {
                return null;
            }

            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9') is var next and >= 0 ? next : rest.Length;
            double? seconds = rest[..letters] switch { "h" => 3600, "m" => 60, "s" => 1, "ms" => 1e-3, "us" or "µs" => 1e-6, "ns" => 1e-9, _ => null };
            if (seconds is null || number * seconds > 1e9)
            {
                return null;
            }

            total += TimeSpan.FromSeconds(number * seconds.Value);
            rest = rest[letters..];
        }

        return text.Length == 0 ? null : total;
    }

    private static partial class Log
    {
        [LoggerMessage(5250, LogLevel.Information, "{Url}: {Count} decisions are followed")]
        public static partial void Follows(ILogger log, Uri url, int count);

        [LoggerMessage(5251, LogLevel.Error, "{Url} cannot be asked for decisions; those known hold until they end: {Reason}")]
        public static partial void Failed(ILogger log, Uri url, string reason);
    }
}
