using System.Net;
using System.Net.Http.Headers;
using Edge.Certificates;
using Edge.Stores;
using Edge.Tests.Certificates.Acme;
using Xunit;

namespace Edge.Tests.Certificates;

public sealed class RenewalLoopTests : IDisposable
{
    private const string Level = "*.nas.example.test";

    private readonly TemporaryFolder _folder = new();
    private readonly FakeAcmeServer _server = new();
    private readonly ShiftedTime _time = new();

    public RenewalLoopTests() => _server.Now = _time.GetUtcNow;

    [Fact]
    public async Task A_new_host_has_a_certificate_when_Apply_returns_and_a_public_one_soon_after()
    {
        await using var room = Run();
        room.Serve("photos.nas.example.test", "www.elsewhere.org", "shop.example.test");
        Assert.Contains("*.nas.example.test", room.Selector.Select("photos.nas.example.test")!.Names);
        Assert.Contains("www.elsewhere.org", room.Selector.Select("www.elsewhere.org")!.Names);
        Assert.Contains("*.example.test", room.Selector.Select("shop.example.test")!.Names);
        await Eventually.TrueAsync(() => room.IssuerOf("photos.nas.example.test") == "ca.test-dir" && room.IssuerOf("shop.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        Assert.Equal("internal", room.IssuerOf("www.elsewhere.org"));
        Assert.Equal("internal", room.IssuerOf("localhost"));
        Assert.Equal("ca.test-dir", room.IssuerOf(""));
        Assert.Equal(CertificateState.Serving, room.Public(Level).State);
    }

    [Fact]
    public async Task A_host_that_goes_takes_its_certificate_with_it()
    {
        await using var room = Run();
        room.Serve("www.elsewhere.org");
        room.Serve();
        Assert.DoesNotContain("www.elsewhere.org", room.Selector.Select("www.elsewhere.org")!.Names);
    }

    [Fact]
    public async Task One_name_that_fails_disturbs_no_other_and_is_tried_for_ever()
    {
        _server.Validate = name => !name.Contains("bad");
        await using var room = Run();
        room.Serve("a.bad.example.test", "a.good.example.test");
        await Eventually.TrueAsync(() => room.IssuerOf("a.good.example.test") == "ca.test-dir" && room.Public("*.bad.example.test").Attempts >= 4, () => string.Join("\n", room.Log.Lines));
        var failing = room.Public("*.bad.example.test");
        Assert.Equal(CertificateState.Failing, failing.State);
        Assert.Contains("Incorrect TXT record", failing.Reason);
        Assert.Equal("internal", room.IssuerOf("a.bad.example.test"));

        _server.Validate = _ => true;
        await Eventually.TrueAsync(() => room.IssuerOf("a.bad.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        Assert.Null(room.Public("*.bad.example.test").Reason);
    }

    [Fact]
    public async Task A_CA_that_is_down_at_the_start_is_waited_for()
    {
        _server.Script = _ => throw new HttpRequestException("Connection refused");
        await using var room = Run();
        await Eventually.TrueAsync(() => room.Public(Level).Attempts > 0, () => string.Join("\n", room.Log.Lines));
        Assert.Contains("the CA cannot be reached: Connection refused", room.Public(Level).Reason);
        Assert.Equal("internal", room.IssuerOf("nas.example.test"));
        _server.Script = _ => null;
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
    }

    [Fact]
    public async Task The_ladder_goes_on_after_a_restart()
    {
        _server.Validate = _ => false;
        await using (var room = Run(TimeSpan.FromHours(1)))
        {
            await Eventually.TrueAsync(() => room.Public(Level).Attempts == 1, () => string.Join("\n", room.Log.Lines));
        }

        var orders = _server.Orders.Count;
        await using var again = Run(TimeSpan.FromHours(1));
        Assert.Equal(1, again.Public(Level).Attempts);
        Assert.True(again.Public(Level).NextTry > _time.GetUtcNow().AddMinutes(50));
        Assert.Contains("Incorrect TXT record", again.Public(Level).Reason);

        // The wait is over by the wall clock, whatever the timers say; waking stands for the look each minute.
        _time.Jump(TimeSpan.FromHours(2));
        again.Manager.Wake();
        await Eventually.TrueAsync(() => again.Public(Level).Attempts == 2, () => string.Join("\n", again.Log.Lines));
        Assert.Equal(orders + 1, _server.Orders.Count);
    }

    [Fact]
    public async Task A_clock_set_back_does_not_make_it_wait_for_the_old_time()
    {
        _server.Validate = _ => false;
        await using var room = Run(TimeSpan.FromHours(1));
        await Eventually.TrueAsync(() => room.Public(Level).Attempts == 1, () => string.Join("\n", room.Log.Lines));
        _server.Validate = _ => true;
        _time.Jump(TimeSpan.FromDays(-31));
        room.Manager.Wake();
        await Eventually.TrueAsync(() => room.Public(Level).State == CertificateState.Serving, () => string.Join("\n", room.Log.Lines));
    }

    [Theory]
    [InlineData(-31)]
    [InlineData(31)]
    [InlineData(70)]
    [InlineData(400)]
    public async Task A_clock_that_jumps_leaves_every_host_with_a_certificate_that_has_not_expired(int days)
    {
        await using var room = Run();
        room.Serve("www.elsewhere.org");
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        _time.Jump(TimeSpan.FromDays(days));
        room.Manager.Wake();
        await Eventually.TrueAsync(
            () => new[] { "nas.example.test", "www.elsewhere.org", "localhost" }.All(host => !room.Selector.Select(host)!.HasExpired(_time.GetUtcNow())),
            () => string.Join("\n", room.Log.Lines));
    }

    [Fact]
    public async Task A_certificate_is_renewed_by_itself_before_it_ends()
    {
        _server.Lifetime = TimeSpan.FromSeconds(4);
        await using var room = Run();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        var first = room.Selector.Select("nas.example.test")!;
        await Eventually.TrueAsync(() => !ReferenceEquals(room.Selector.Select("nas.example.test"), first), () => string.Join("\n", room.Log.Lines));
        Assert.Equal("ca.test-dir", room.IssuerOf("nas.example.test"));
        Assert.True(room.Selector.Select("nas.example.test")!.NotBefore < first.NotAfter);
    }

    [Fact]
    public async Task After_a_restart_the_certificate_serves_from_the_disk_without_an_order()
    {
        await using (var room = Run())
        {
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        }

        var serial = "";
        _server.Script = _ => throw new HttpRequestException("down");
        await using (var room = Run())
        {
            Assert.Equal("ca.test-dir", room.IssuerOf("photos.nas.example.test"));
            serial = room.Selector.Select("localhost")!.Leaf.SerialNumber;
        }

        await using var third = Run();
        Assert.Equal(serial, third.Selector.Select("localhost")!.Leaf.SerialNumber);
        Assert.Single(_server.Orders);
    }

    [Theory]
    [InlineData("rejectedIdentifier", 360)]
    [InlineData("malformed", 1)]
    public async Task What_only_a_changed_configuration_mends_is_tried_rarely(string error, int minutes)
    {
        _server.Script = line => line == "POST /order" ? _server.Problem(HttpStatusCode.Forbidden, error) : null;
        await using var room = Run(TimeSpan.FromMinutes(1));
        await Eventually.TrueAsync(() => room.Public(Level).Attempts == 1, () => string.Join("\n", room.Log.Lines));
        Assert.Equal(minutes, (room.Public(Level).NextTry!.Value - _time.GetUtcNow()).TotalMinutes, 0.5);
    }

    [Fact]
    public async Task A_CA_that_says_when_to_come_back_is_heard()
    {
        _server.Script = line =>
        {
            var busy = line == "POST /order" ? _server.Problem(HttpStatusCode.TooManyRequests, "rateLimited", "too many certificates") : null;
            busy?.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromHours(30));
            return busy;
        };
        await using var room = Run();
        await Eventually.TrueAsync(() => room.Public(Level).Attempts == 1, () => string.Join("\n", room.Log.Lines));
        Assert.Equal(30, (room.Public(Level).NextTry!.Value - _time.GetUtcNow()).TotalHours, 0.1);
    }

    [Fact]
    public async Task A_CA_that_forgot_the_account_is_no_failure()
    {
        _server.Lifetime = TimeSpan.FromSeconds(4);
        await using var room = Run();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
        var first = room.Selector.Select("nas.example.test")!;
        _server.Forget();
        await Eventually.TrueAsync(() => !ReferenceEquals(room.Selector.Select("nas.example.test"), first), () => string.Join("\n", room.Log.Lines));
        Assert.Equal(0, room.Public(Level).Attempts);
    }

    [Fact]
    public async Task What_another_box_is_obtaining_is_left_to_it()
    {
        await using var store = new MemoryStore(TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger<MemoryStore>.Instance);
        var held = await store.TryLockAsync("certificates/ca.test-dir/wildcard_.nas.example.test", TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        await using var room = new RunningRoom(_folder.Path, _server, _time, store: store);
        await Eventually.TrueAsync(() => room.Public(Level).NextTry is not null, () => string.Join("\n", room.Log.Lines));
        Assert.Equal(0, room.Public(Level).Attempts);
        Assert.Empty(_server.Orders);
        await held!.DisposeAsync();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
    }

    [Fact]
    public async Task A_name_that_becomes_ours_is_ordered_then()
    {
        var ours = false;
        await using var room = new RunningRoom(_folder.Path, _server, _time, isOurs: _ => ours);
        Assert.DoesNotContain(room.Manager.Status(), status => status.Issuer != "internal");
        ours = true;
        room.Manager.Wake();
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
    }

    public void Dispose()
    {
        Assert.Empty(_server.Violations);
        _folder.Dispose();
    }

    private RunningRoom Run(TimeSpan? ladder = null) => new(_folder.Path, _server, _time, ladder);
}
