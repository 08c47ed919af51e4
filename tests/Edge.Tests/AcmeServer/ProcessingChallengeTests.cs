using System.Collections.Immutable;
using System.Text.Json;
using Edge.Dns.Wire;

namespace Edge.Tests.AcmeServer;

/// <summary>RFC 8555 §7.1.6: a challenge that is "processing" comes to its end, whatever happens to the server.</summary>
public sealed class ProcessingChallengeTests : IAsyncLifetime
{
    private RunningAcmeServer _server = null!;
    private DeviceKey _key = null!;
    private Uri _account = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await RunningAcmeServer.StartAsync();
        _key = DeviceKey.Create(_server.Folder, "P-256");
        _account = await _server.RegisterAsync(_key);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("authorization")]
    [InlineData("challenge")]
    public async Task What_a_restart_cut_off_goes_on_when_the_client_looks(string at)
    {
        var asked = new TaskCompletionSource();
        var answers = _server.Ask;
        _server.Ask = async (_, cancel) =>
        {
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancel);
            return [];
        };
        var (authorization, challenge) = await BeginAsync("tv.local");
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await _server.RestartAsync();
        _server.Ask = answers;
        var looked = at == "challenge" ? challenge : authorization;
        await Whole.Eventually.TrueAsync(async () => await StatusAsync(looked) == "valid", () => "it is not looked at any more");
    }

    [Fact]
    public async Task What_fails_in_a_way_that_nobody_expected_is_told_as_such()
    {
        _server.Ask = (_, _) => throw new InvalidOperationException("nobody expected that");
        var (authorization, _) = await BeginAsync("tv.local");
        await Whole.Eventually.TrueAsync(async () => await StatusAsync(authorization) == "invalid", () => "it is never said");
        var failed = (await _server.SignedAsync(_key, _account, authorization, "")).Json.GetProperty("challenges").EnumerateArray().Single(one => one.TryGetProperty("error", out _));
        Assert.Equal("urn:ietf:params:acme:error:serverInternal", failed.GetProperty("error").GetProperty("type").GetString());
    }

    /// <summary>One device with many names does not take the places of the others; its own come after one another.</summary>
    [Fact]
    public async Task Of_one_client_some_run_at_once_and_the_others_when_it_looks()
    {
        var (running, most, gate) = (0, 0, new TaskCompletionSource());
        var answers = _server.Ask;
        _server.Ask = async (name, cancel) =>
        {
            lock (gate)
            {
                most = Math.Max(most, ++running);
            }

            await gate.Task.WaitAsync(cancel);
            lock (gate)
            {
                running--;
            }

            return await answers(name, cancel);
        };
        var begun = new List<Uri>();
        for (var i = 0; i < 18; i++)
        {
            begun.Add((await BeginAsync($"tv{i}.local")).Authorization);
        }

        gate.SetResult();
        foreach (var authorization in begun)
        {
            await Whole.Eventually.TrueAsync(async () => await StatusAsync(authorization) == "valid", () => $"{authorization} waits for ever");
        }

        Assert.Equal(16, most);
    }

    [Fact]
    public async Task A_record_in_a_zone_of_others_is_asked_for_past_what_is_remembered()
    {
        var asked = new List<Name>();
        var answers = _server.Ask;
        _server.Ask = (name, cancel) =>
        {
            asked.Add(name);
            return answers(name, cancel);
        };
        await _server.ObtainAsync(_key, _account, "tv.local");
        Assert.Equal([Name.Parse("_acme-challenge.tv.local")], asked);
    }

    private async Task<(Uri Authorization, Uri Challenge)> BeginAsync(string name)
    {
        var order = await _server.SignedAsync(_key, _account, "new-order", $$"""{"identifiers":[{"type":"dns","value":"{{name}}"}]}""");
        var authorization = new Uri(order.Json.GetProperty("authorizations")[0].GetString()!);
        var challenge = (await _server.SignedAsync(_key, _account, authorization, "")).Json.GetProperty("challenges").EnumerateArray().Single(one => one.GetProperty("type").GetString() == "dns-01");
        _server.Texts.Add(_key.DnsAnswer(challenge.GetProperty("token").GetString()!));
        var url = new Uri(challenge.GetProperty("url").GetString()!);
        await _server.SignedAsync(_key, _account, url, "{}");
        return (authorization, url);
    }

    private async Task<string?> StatusAsync(Uri url) => (await _server.SignedAsync(_key, _account, url, "")).Json.GetProperty("status").GetString();
}
