using System.Collections.Concurrent;
using System.Net;
using Edge.Access;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>Decisions in the form of CrowdSec's local API, from a server that serves that form.</summary>
public sealed class CrowdSecFeedTests : IAsyncLifetime
{
    private const string Startup = """
        {"new":[
          {"duration":"3h59m52.012s","id":1,"origin":"cscli","scenario":"manual 'ban'","scope":"Ip","type":"ban","value":"203.0.113.9","uuid":"x"},
          {"duration":"167h","id":2,"origin":"CAPI","scenario":"crowdsecurity/http-probing","scope":"Range","type":"ban","value":"198.51.100.0/24"},
          {"duration":"4h","id":3,"origin":"CAPI","scenario":"s","scope":"Ip","type":"captcha","value":"203.0.113.10"},
          {"duration":"4h","id":4,"origin":"CAPI","scenario":"s","scope":"Country","type":"ban","value":"XY"},
          {"duration":"4h","id":5,"origin":"CAPI","scenario":"s","scope":"Range","type":"ban","value":"0.0.0.0/1"},
          {"duration":"4h","id":6,"origin":"CAPI","scenario":"s","scope":"Ip","type":"ban","value":"192.168.1.7"},
          {"duration":"-5s","id":7,"origin":"CAPI","scenario":"s","scope":"Ip","type":"ban","value":"203.0.113.11"},
          {"duration":"4h","id":8,"origin":"CAPI","scenario":"s","scope":"Ip","type":"ban","value":"2001:db8::5"},
          {"duration":"4h","id":9,"origin":"CAPI","scenario":"s","scope":"Ip","type":"ban","value":"nonsense"},
          {}
        ],"deleted":null}
        """;

    private const string Change = """
        {"new":[{"duration":"1h","id":10,"origin":"cscli","scenario":"later","scope":"ip","type":"ban","value":"203.0.113.77"}],
         "deleted":[{"duration":"-1s","id":1,"origin":"cscli","scenario":"s","scope":"Ip","type":"ban","value":"203.0.113.9"}]}
        """;

    private readonly ConcurrentQueue<string> _answers = new([Startup, Change]);
    private readonly ConcurrentQueue<string> _asked = new();
    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private Backend _api = null!;

    public async ValueTask InitializeAsync() => _api = await Backend.StartAsync(AnswerAsync);

    public async ValueTask DisposeAsync()
    {
        await _api.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Decisions_ban_until_they_are_deleted()
    {
        var file = Path.Combine(_folder.Path, "crowdsec.key");
        File.WriteAllText(file, "the-key\n");
        var bans = new BanManager(new BanSetup
        {
            Options = new BanOptions { CrowdSec = new CrowdSecOptions(new Uri(_api.Uri), file, TimeSpan.FromMilliseconds(20)) },
            IsLan = client => client.ToString().StartsWith("192.168.", StringComparison.Ordinal),
            Store = null,
            Time = TimeProvider.System,
            Log = _log,
        });
        using var feed = new CrowdSecFeed(bans, TimeProvider.System, _log);
        using var end = new CancellationTokenSource();
        var running = feed.RunAsync(end.Token);
        await Eventually.TrueAsync(() => bans.Holds(IPAddress.Parse("203.0.113.77")), () => string.Join('\n', _log.Lines));

        // After the change, which took one away.
        Assert.Equal(["198.51.100.0/24 crowdsecurity/http-probing", "2001:db8::5/128 s", "203.0.113.77/32 later"], bans.All.Select(ban => $"{ban.Network} {ban.Reason}").Order());
        Assert.InRange((bans.All.Single(ban => ban.Reason == "later").Until - DateTimeOffset.UtcNow).TotalMinutes, 50, 61);

        // The API fails: what is known holds, and the next answer is asked for whole.
        await Eventually.TrueAsync(() => _log.Lines.Any(line => line.Contains("5251", StringComparison.Ordinal)), () => string.Join('\n', _log.Lines));
        Assert.True(bans.Holds(IPAddress.Parse("198.51.100.200")));
        Assert.Contains(_log.Lines, line => line.Contains("it answered 403, so the key is not known there", StringComparison.Ordinal));
        _answers.Enqueue("""{"new":null,"deleted":null}""");
        await Eventually.TrueAsync(() => bans.All.IsEmpty, () => string.Join('\n', bans.All));
        await end.CancelAsync();
        await running;

        Assert.Equal(
            ["the-key /v1/decisions/stream?startup=true", "the-key /v1/decisions/stream?startup=false", "the-key /v1/decisions/stream?startup=false", "the-key /v1/decisions/stream?startup=true"],
            _asked.Take(4));
    }

    private Task AnswerAsync(HttpContext context)
    {
        _asked.Enqueue($"{context.Request.Headers["X-Api-Key"]} {context.Request.Path}{context.Request.QueryString}");
        if (!_answers.TryDequeue(out var answer))
        {
            context.Response.StatusCode = 403;
            return context.Response.WriteAsync("""{"message":"access forbidden"}""");
        }

        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(answer);
    }
}
