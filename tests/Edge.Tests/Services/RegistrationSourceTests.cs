using System.Collections.Immutable;
using Edge.Services;
using Edge.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Registrations follow the store through everything that can happen to a watch.</summary>
public sealed class RegistrationSourceTests : IAsyncDisposable
{
    private readonly BreakableStore _store = new();
    private readonly RegistrationSource _source;
    private readonly CancellationTokenSource _ends = new(TimeSpan.FromSeconds(30));

    public RegistrationSourceTests() => _source = new RegistrationSource(_store, TimeProvider.System, NullLogger<RegistrationSource>.Instance);

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _ends.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_broken_watch_is_begun_again_and_nothing_is_missed(bool compacted)
    {
        await Put("a", 0);
        await _source.LoadAsync(_ends.Token);
        var following = _source.FollowAsync(_ends.Token);
        await _source.WaitUntilLiveAsync(await Put("b", 0), _ends.Token);

        _store.Break(compacted ? new StoreCompactedException(9) : new StoreUnavailableException("away"));
        await _store.DeleteAsync("services/a", null, _ends.Token);
        await _source.WaitUntilLiveAsync(await Put("c", 0), _ends.Token);

        Assert.Equal(["b", "c"], _source.Declared().Select(service => service.Name));
        await _ends.CancelAsync();
        await following;
    }

    [Fact]
    public async Task The_older_registration_comes_first_even_when_it_was_changed_later()
    {
        var first = await Put("z", 0);
        await Put("b", 0);
        await Put("z", first);
        await Put("a", 0);
        await _source.LoadAsync(_ends.Token);
        Assert.Equal(["z", "b", "a"], _source.Declared().Select(service => service.Name));
    }

    [Fact]
    public async Task What_is_no_registration_is_left_out_and_the_others_stay()
    {
        await Put("a", 0);
        await _store.PutAsync("services/b", "nonsense"u8.ToArray(), null, null, _ends.Token);
        await _store.PutAsync("services/c", RegistrationFormat.Write(Of("d", 0)), null, null, _ends.Token);
        await _source.LoadAsync(_ends.Token);
        Assert.Equal(["a"], _source.Declared().Select(service => service.Name));
    }

    [Fact]
    public async Task Waiting_ends_with_its_cancellation()
    {
        using var short_ = new CancellationTokenSource();
        var waiting = _source.WaitUntilLiveAsync(1, short_.Token);
        await short_.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
    }

    private static Registration Of(string name, long since) => new()
    {
        Name = name,
        Hosts = [$"{name}.x"],
        To = [new Uri("http://h")],
        Expose = Exposure.Everywhere,
        TimeToLive = TimeSpan.FromMinutes(1),
        Owner = "t",
        Since = since,
    };

    private async Task<long> Put(string name, long since) =>
        (await _store.PutAsync($"services/{name}", RegistrationFormat.Write(Of(name, since)), null, null, _ends.Token)).Revision;
}
