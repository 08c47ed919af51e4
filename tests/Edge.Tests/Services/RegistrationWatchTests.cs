using Edge.Stores;
using Edge.Tests.Certificates;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Server-sent events of registrations: complete, in order, and resumed where they broke off.</summary>
public sealed class RegistrationWatchTests : IAsyncLifetime
{
    private const string Hello = """{"to":"http://h"}""";

    private RegistrationHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await RegistrationHost.StartAsync();
        _host.Token = await _host.NewTokenAsync("laptop", services: "a* b*");
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task What_is_there_comes_first_and_then_each_change()
    {
        await _host.PutAsync("a", Hello);
        await _host.PutAsync("b", Hello);
        await using var watch = await WatchedRegistrations.StartAsync(_host);
        Assert.Equal("reset, put a, put b, synced", await watch.UntilAsync("synced"));
        Assert.Equal((await RevisionAsync()).ToString(), watch.LastId);

        await _host.PutAsync("a", """{"to":"http://other"}""");
        Assert.Equal("put a", await watch.NextAsync());
        Assert.Equal("http://other", watch.LastData.GetProperty("to")[0].GetString());
        Assert.True(watch.LastData.GetProperty("live").GetProperty("served").GetBoolean());
        Assert.Equal(watch.LastId, watch.LastData.GetProperty("revision").GetInt64().ToString());
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/b");
        Assert.Equal("delete b", await watch.NextAsync());
    }

    [Fact]
    public async Task A_lease_that_ends_is_a_change_and_a_renewal_is_none()
    {
        await _host.PutAsync("a", """{"to":"http://h","ttl":"5s"}""");
        await using var watch = await WatchedRegistrations.StartAsync(_host);
        await watch.UntilAsync("synced");
        await _host.SendAsync(HttpMethod.Post, "/v1/services/a/renew");
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        Assert.Equal("delete a", await watch.NextAsync());
    }

    [Fact]
    public async Task Whoever_comes_back_is_told_what_he_missed_and_nothing_else()
    {
        await _host.PutAsync("a", Hello);
        var watch = await WatchedRegistrations.StartAsync(_host);
        await watch.UntilAsync("synced");
        await watch.DisposeAsync();
        await _host.PutAsync("b", Hello);
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/a");
        await _host.PutAsync("a2", Hello);

        await using var back = await WatchedRegistrations.StartAsync(_host, null, $"Last-Event-ID: {watch.LastId}");
        Assert.Equal("put b, delete a, put a2", await back.UntilAsync("put a2"));
    }

    [Theory]
    [InlineData("of another store", "999999")]
    [InlineData("no number", "x")]
    [InlineData("broken off before the first was complete", "")]
    public async Task With_an_id_that_says_nothing_here_everything_comes_anew(string why, string id)
    {
        await _host.PutAsync("a", Hello);
        await using var watch = await WatchedRegistrations.StartAsync(_host, null, $"Last-Event-ID: {id}");
        Assert.Equal((why, "reset, put a, synced"), (why, await watch.UntilAsync("synced")));
    }

    [Fact]
    public async Task With_an_id_that_is_too_old_everything_comes_anew()
    {
        await _host.PutAsync("a", Hello);
        var id = await RevisionAsync();
        for (var i = 0; i < 9000; i++)
        {
            await _host.Store.PutAsync("other/key", new byte[1], null, null, CancellationToken.None);
        }

        await using var watch = await WatchedRegistrations.StartAsync(_host, null, $"Last-Event-ID: {id - 1}");
        Assert.Equal("reset, put a, synced", await watch.UntilAsync("synced"));
    }

    [Fact]
    public async Task Others_registrations_are_for_admins_to_see()
    {
        var other = await _host.NewTokenAsync("other");
        await _host.PutAsync("c", Hello, other);
        await using var mine = await WatchedRegistrations.StartAsync(_host);
        await using var admins = await WatchedRegistrations.StartAsync(_host, await _host.NewTokenAsync("root", admin: true));
        Assert.Equal("reset, synced", await mine.UntilAsync("synced"));
        Assert.Equal("reset, put c, synced", await admins.UntilAsync("synced"));
        await _host.PutAsync("d", Hello, other);
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/c", other);
        await _host.PutAsync("a", Hello);
        Assert.Equal("put a", await mine.NextAsync());
        Assert.Equal("put d, delete c, put a", await admins.UntilAsync("put a"));
    }

    [Fact]
    public async Task Who_comes_back_hears_of_no_ends_that_his_token_could_not_have()
    {
        await using var first = await WatchedRegistrations.StartAsync(_host);
        await first.UntilAsync("synced");
        var seen = first.LastId;
        var other = await _host.NewTokenAsync("other");
        await _host.PutAsync("c", Hello, other);
        await _host.SendAsync(HttpMethod.Delete, "/v1/services/c", other);
        await _host.PutAsync("a", Hello);
        await using var back = await WatchedRegistrations.StartAsync(_host, null, $"Last-Event-ID: {seen}");
        Assert.Equal("put a", await back.NextAsync());
    }

    [Fact]
    public async Task A_token_that_is_revoked_hears_nothing_more()
    {
        await using var watch = await WatchedRegistrations.StartAsync(_host);
        await watch.UntilAsync("synced");
        await _host.PutAsync("a", Hello);
        Assert.Equal("put a", await watch.NextAsync());
        await _host.Tokens.RevokeAsync("laptop", CancellationToken.None);
        await _host.Store.DeleteAsync("services/a", null, CancellationToken.None);
        await Eventually.TrueAsync(() => watch.HasEnded, () => "it still listens");
        Assert.Equal("a", watch.LastData.GetProperty("name").GetString());
        Assert.True(watch.LastData.TryGetProperty("to", out _), "it was told of the end");
    }

    [Fact]
    public async Task A_stream_ends_at_once_when_its_token_is_revoked_and_others_go_on()
    {
        var other = await _host.NewTokenAsync("other");
        await using var watch = await WatchedRegistrations.StartAsync(_host);
        await using var others = await WatchedRegistrations.StartAsync(_host, other);
        await watch.UntilAsync("synced");
        await others.UntilAsync("synced");
        await _host.Tokens.RevokeAsync("laptop", CancellationToken.None);

        // Long before the next sign of life, which is fifteen seconds away.
        await Eventually.TrueAsync(() => watch.HasEnded, () => "it still listens", seconds: 5);
        await _host.PutAsync("b", Hello, other);
        Assert.Equal("put b", await others.NextAsync());
    }

    [Fact]
    public async Task Twenty_may_listen_with_one_token_and_others_are_not_kept_out()
    {
        var other = await _host.NewTokenAsync("other");
        var all = new List<WatchedRegistrations>();
        for (var i = 0; i < 20; i++)
        {
            all.Add(await WatchedRegistrations.StartAsync(_host));
        }

        Assert.Equal((503, "20 listen for changes with token laptop, and no more may; ask for the list instead, or try again."), await RefusedAsync(_host.Token));
        all.Add(await WatchedRegistrations.StartAsync(_host, other));
        await all[0].DisposeAsync();
        await Eventually.TrueAsync(() => MayListenAsync().GetAwaiter().GetResult(), () => "the place is not free again");
        await Task.WhenAll(all.Skip(1).Select(one => one.DisposeAsync().AsTask()));
    }

    [Fact]
    public async Task A_hundred_may_listen_and_no_more()
    {
        var all = new List<WatchedRegistrations>();
        for (var number = 0; number < 5; number++)
        {
            var token = await _host.NewTokenAsync($"many{number}");
            for (var i = 0; i < 20; i++)
            {
                all.Add(await WatchedRegistrations.StartAsync(_host, token));
            }
        }

        Assert.Equal((503, "100 listen for changes, and no more may; ask for the list instead, or try again."), await RefusedAsync(_host.Token));
        await Task.WhenAll(all.Select(one => one.DisposeAsync().AsTask()));

        await Eventually.TrueAsync(() => MayListenAsync().GetAwaiter().GetResult(), () => "places are not free again");
    }

    private async Task<(int Status, string? Detail)> RefusedAsync(string token)
    {
        using var refused = await _host.AnswerAsync(HttpMethod.Get, "/v1/services", token, null, "Accept: text/event-stream");
        Assert.False(refused.IsSuccessStatusCode, "it may listen");
        using var said = await System.Text.Json.JsonDocument.ParseAsync(await refused.Content.ReadAsStreamAsync());
        return ((int)refused.StatusCode, said.RootElement.GetProperty("detail").GetString());
    }

    private async Task<bool> MayListenAsync()
    {
        using var answer = await _host.AnswerAsync(HttpMethod.Get, "/v1/services?watch=true");
        return answer.IsSuccessStatusCode;
    }

    private async Task<long> RevisionAsync() => (await _host.Store.ListAsync("", CancellationToken.None)).Revision;
}
