using System.Text;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Services;

public sealed class TokenStoreTests : IAsyncDisposable
{
    private static readonly TokenScope All = new(["*"], ["*"]);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly LogLines _log = new();
    private readonly MemoryStore _store;
    private readonly TokenStore _tokens;

    public TokenStoreTests()
    {
        _store = new MemoryStore(_time, NullLogger<MemoryStore>.Instance);
        _tokens = new TokenStore(_store, _time, new Logger<TokenStore>(_log));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task A_secret_has_256_bits_and_is_never_stored()
    {
        var one = (await _tokens.CreateAsync("one", All, null, false, Cancel)).Secret!;
        var two = (await _tokens.CreateAsync("two", All, null, false, Cancel)).Secret!;

        Assert.Matches("^edge_[A-Za-z0-9_-]{43}$", one);
        Assert.NotEqual(one, two);
        Assert.DoesNotContain((await _store.ListAsync("", Cancel)).Entries, entry => Encoding.UTF8.GetString(entry.Value.Span).Contains(one[5..], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Valid_expired_revoked_and_unknown_are_told_apart()
    {
        var valid = (await _tokens.CreateAsync("valid", All, null, false, Cancel)).Secret!;
        var old = (await _tokens.CreateAsync("old", All, _time.GetUtcNow().AddMinutes(1), false, Cancel)).Secret!;
        var gone = (await _tokens.CreateAsync("gone", All, null, false, Cancel)).Secret!;
        Assert.Equal(TokenState.Valid, (await _tokens.VerifyAsync(old, Cancel)).State);
        Assert.True(await _tokens.RevokeAsync("gone", Cancel));
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal((TokenState.Valid, "valid"), (await _tokens.VerifyAsync(valid, Cancel) is var check ? (check.State, check.Token!.Name) : default));
        Assert.Equal(TokenState.Expired, (await _tokens.VerifyAsync(old, Cancel)).State);
        Assert.Equal(TokenState.Revoked, (await _tokens.VerifyAsync(gone, Cancel)).State);
        Assert.Equal(TokenState.Unknown, (await _tokens.VerifyAsync(valid + "x", Cancel)).State);
        Assert.Equal(TokenState.Unknown, (await _tokens.VerifyAsync("", Cancel)).State);
        Assert.Equal(["gone", "old", "valid"], (await _tokens.ListAsync(Cancel)).Select(token => token.Name));
    }

    [Fact]
    public async Task Who_may_register_is_in_the_log_by_name_and_no_secret_is()
    {
        var secret = (await _tokens.CreateAsync("laptop", All, null, false, Cancel)).Secret!;
        await _tokens.CreateAsync("laptop", All, null, false, Cancel);
        await _tokens.RevokeAsync("laptop", Cancel);
        await _tokens.RevokeAsync("laptop", Cancel);

        Assert.Equal(["Information 2050 Token laptop was made ", "Information 2051 Token laptop was revoked "], _log.Lines);
        Assert.DoesNotContain(_log.Lines, line => line.Contains(secret, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_name_is_given_once_until_it_is_revoked()
    {
        var first = (await _tokens.CreateAsync("laptop", All, null, false, Cancel)).Secret!;
        Assert.Contains("there is a token \"laptop\" already", (await _tokens.CreateAsync("laptop", All, null, false, Cancel)).Problem);
        await _tokens.RevokeAsync("laptop", Cancel);
        var second = (await _tokens.CreateAsync("laptop", All, null, false, Cancel)).Secret!;

        Assert.Equal(TokenState.Unknown, (await _tokens.VerifyAsync(first, Cancel)).State);
        Assert.Equal(TokenState.Valid, (await _tokens.VerifyAsync(second, Cancel)).State);
        Assert.False(await _tokens.RevokeAsync("nobody", Cancel));
    }

    [Fact]
    public async Task A_token_that_is_revoked_ends_at_once_though_the_store_cannot_be_read_then()
    {
        await using var store = new BreakableStore();
        var (tokens, ended) = (new TokenStore(store, _time, new Logger<TokenStore>(_log)), new List<string>());
        tokens.WasRevoked += ended.Add;
        Assert.NotNull((await tokens.CreateAsync(new TokenWish("cabin", All) { HasKey = true }, Cancel)).Key);
        Assert.Null(tokens.Keyed["cabin"].Revoked);
        store.ListFailure = new StoreUnavailableException("the store is away");

        Assert.True(await tokens.RevokeAsync("cabin", Cancel));
        Assert.NotNull(tokens.Keyed["cabin"].Revoked);
        Assert.Equal(["cabin"], ended);
    }

    // That the write failed is no word on whether it took place.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_whose_end_could_not_be_stored_does_not_work_all_the_same(bool isWritten)
    {
        await using var store = new BreakableStore();
        var (tokens, ended) = (new TokenStore(store, _time, new Logger<TokenStore>(_log)), new List<string>());
        tokens.WasRevoked += ended.Add;
        var made = await tokens.CreateAsync(new TokenWish("cabin", All) { HasKey = true }, Cancel);
        await tokens.CreateAsync(new TokenWish("other", All), Cancel);
        store.PutFailure = (new StoreUnavailableException("the disk is full") { OutOfSpace = true }, isWritten);

        var said = await Assert.ThrowsAsync<StoreUnavailableException>(() => tokens.RevokeAsync("cabin", Cancel));
        Assert.Equal(("token cabin does not work any more, but after a restart it may, because that could not be stored: the disk is full; then revoke it again", true), (said.Message, said.OutOfSpace));
        await tokens.LoadAsync(Cancel);
        Assert.Equal(TokenState.Revoked, (await tokens.VerifyAsync(made.Secret!, Cancel)).State);
        Assert.NotNull(tokens.Keyed["cabin"].Revoked);
        Assert.Equal(["cabin"], ended);
        Assert.Contains(_log.Lines, line => line.StartsWith("Error 2052 Token cabin was revoked until Edge ends", StringComparison.Ordinal));

        // Its name can be given again, which stores that the old one is gone.
        store.PutFailure = null;
        var next = await tokens.CreateAsync(new TokenWish("cabin", All) { HasKey = true }, Cancel);
        Assert.Equal(TokenState.Valid, (await tokens.VerifyAsync(next.Secret!, Cancel)).State);
        Assert.Equal(TokenState.Unknown, (await tokens.VerifyAsync(made.Secret!, Cancel)).State);
        Assert.Null(tokens.Keyed["cabin"].Revoked);
    }

    [Fact]
    public async Task A_token_that_was_made_is_told_though_the_store_cannot_be_read_then()
    {
        await using var store = new BreakableStore();
        var tokens = new TokenStore(store, _time, new Logger<TokenStore>(_log));
        store.ListFailure = new StoreUnavailableException("the store is away");
        var made = await tokens.CreateAsync(new TokenWish("cabin", All) { HasKey = true }, Cancel);
        Assert.True(tokens.Keyed.ContainsKey("cabin"));
        store.ListFailure = null;
        Assert.Equal(TokenState.Valid, (await tokens.VerifyAsync(made.Secret!, Cancel)).State);
    }

    [Theory]
    [InlineData("my laptop", "*", "*", "is not a name for a token")]
    [InlineData("a", "", "*", "at least one host pattern")]
    [InlineData("a", "*", "", "at least one host pattern")]
    [InlineData("a", "*.Example.com", "*", "must be in lower case")]
    [InlineData("a", "a*.example.com", "*", "host pattern")]
    [InlineData("a", "*", "we*b", "service pattern")]
    public async Task A_scope_that_makes_no_sense_is_refused(string name, string hosts, string services, string problem)
    {
        var scope = new TokenScope([.. hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries)], [.. services.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
        Assert.Contains(problem, (await _tokens.CreateAsync(name, scope, null, false, Cancel)).Problem);
        Assert.Empty(await _tokens.ListAsync(Cancel));
    }

    [Theory]
    [InlineData("*.nas.example.com", "photos.nas.example.com", true)]
    [InlineData("*.nas.example.com", "a.b.nas.example.com", true)]
    [InlineData("*.nas.example.com", "*.nas.example.com", true)]
    [InlineData("*.nas.example.com", "nas.example.com", false)]
    [InlineData("*.nas.example.com", "xnas.example.com", false)]
    [InlineData("*.nas.example.com", "*.example.com", false)]
    [InlineData("photos.example.com", "photos.example.com", true)]
    [InlineData("photos.example.com", "a.photos.example.com", false)]
    [InlineData("*", "anything.at.all", true)]
    public void Host_patterns(string pattern, string host, bool allowed) =>
        Assert.Equal(allowed, new TokenScope([pattern], ["*"]).AllowsHost(host));

    [Theory]
    [InlineData("*", "a", true)]
    [InlineData("web-*", "web-1", true)]
    [InlineData("web-*", "web", false)]
    [InlineData("web", "web-1", false)]
    public void Service_patterns(string pattern, string name, bool allowed) =>
        Assert.Equal(allowed, new TokenScope(["*"], [pattern]).AllowsService(name));
}
