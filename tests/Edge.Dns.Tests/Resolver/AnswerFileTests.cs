using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;
using static Edge.Dns.Tests.Resolver.ForwarderClient;

namespace Edge.Dns.Tests.Resolver;

/// <summary>What was known before a restart is known after it, internet or not.</summary>
public sealed class AnswerFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-cache");
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 5, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeUpstream _upstream = new();

    private string File => Path.Combine(_folder.FullName, "answers.cache");

    public void Dispose()
    {
        _upstream.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Fresh_ones_are_fresh_with_what_is_left_of_their_time_and_old_ones_are_served_stale()
    {
        await RunOnce();
        _time.Advance(TimeSpan.FromSeconds(100));
        using var forwarder = Start();
        await Until(() => forwarder.Stats.CacheEntries == 3);
        Assert.True(forwarder.TryCache("LONG.example.org", RecordType.A, out var kept));
        Assert.Equal(["LONG.example.org. 200 A 192.0.2.1"], kept!.Answer.Text());
        Assert.True(forwarder.TryCache("x.gone.example.org", RecordType.TXT, out kept));
        Assert.Equal(Rcode.NxDomain, kept!.Rcode);
        Assert.False(forwarder.TryCache("short.example.org", RecordType.A, out _));
        var stale = await forwarder.Ask("short.example.org");
        Assert.Equal((ExtendedErrorCode.StaleAnswer, "short.example.org. 30 A 192.0.2.1"), (stale.ExtendedError()!.Value.Code, stale.Answer.Text().Single()));
    }

    [Fact]
    public async Task What_ended_too_long_ago_is_left_out()
    {
        await RunOnce();
        _time.Advance(TimeSpan.FromDays(1) + TimeSpan.FromSeconds(200));
        using var forwarder = Start();
        await Until(() => forwarder.Stats.CacheEntries == 2);
    }

    [Fact]
    public async Task A_clock_that_is_not_set_yet_does_not_make_answers_younger()
    {
        await RunOnce();
        var early = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        using var forwarder = new Forwarder(Settings(), early);
        await Until(() => forwarder.Stats.CacheEntries == 3);
        Assert.True(forwarder.TryCache("long.example.org", RecordType.A, out var kept));
        Assert.Equal(300u, kept!.Answer[0].Ttl);
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("cut")]
    [InlineData("one bit")]
    [InlineData("text")]
    [InlineData("a folder")]
    public async Task A_file_that_cannot_be_read_is_told_once_and_everything_goes_on(string flaw)
    {
        await RunOnce();
        var bytes = await System.IO.File.ReadAllBytesAsync(File, TestContext.Current.CancellationToken);
        switch (flaw)
        {
            case "empty":
                bytes = [];
                break;
            case "cut":
                bytes = bytes[..^50];
                break;
            case "one bit":
                bytes[60] ^= 1;
                break;
            case "text":
                bytes = "no cache at all, but long enough to be looked at by somebody"u8.ToArray();
                break;
        }

        System.IO.File.Delete(File);
        if (flaw == "a folder")
        {
            Directory.CreateDirectory(File);
        }
        else
        {
            await System.IO.File.WriteAllBytesAsync(File, bytes, TestContext.Current.CancellationToken);
        }

        using var logs = new RecordingLogs();
        using (var forwarder = new Forwarder(Settings(), _time, logs.CreateLogger<Forwarder>()))
        {
            Serve(300);
            Assert.Single((await forwarder.Ask("other.example.org")).Answer);
            await Until(() => flaw == "a folder" || logs.Lines.Any());
            Assert.Equal(1, forwarder.Stats.CacheEntries);
        }

        Assert.Contains(flaw == "a folder" ? "could not be saved" : "are not used: it is damaged", logs.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_saved_every_few_minutes_too()
    {
        Serve(3000);
        using var forwarder = Start();
        await forwarder.Ask("long.example.org");
        Assert.False(System.IO.File.Exists(File));
        await Until(() => System.IO.File.Exists(File), () => _time.Advance(TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public void A_file_with_any_bit_flipped_is_not_believed()
    {
        var cache = new AnswerCache(1 << 20, 4096);
        var key = new QuestionKey(Name.Parse("www.example.org"), RecordType.A, 0);
        cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [FakeUpstream.Record("www.example.org 300 A 192.0.2.1")], [], key.Type, TimeSpan.FromSeconds(300))!.Value, 0);
        using var logs = new RecordingLogs();
        var file = new AnswerFile(File, _time, logs.CreateLogger<Forwarder>());
        var basis = AnswerBasis.Of(Settings());
        file.Save(cache, basis, 0);
        var bytes = System.IO.File.ReadAllBytes(File);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
            System.IO.File.WriteAllBytes(File, bytes);
            var read = new AnswerCache(1 << 20, 4096);
            file.Load(read, basis, 0, TimeSpan.FromDays(1));
            Assert.Equal(0, read.Count);
            bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
        }
    }

    [Fact]
    public void Answers_that_nobody_validated_are_not_taken_over_by_who_validates()
    {
        var cache = new AnswerCache(1 << 20, 4096);
        var key = new QuestionKey(Name.Parse("www.example.org"), RecordType.A, 0);
        cache.Put(AnswerBuilder.Build(key, Rcode.NoError, [FakeUpstream.Record("www.example.org 300 A 192.0.2.1")], [], key.Type, TimeSpan.FromSeconds(300))!.Value, 0);
        using var logs = new RecordingLogs();
        var file = new AnswerFile(File, _time, logs.CreateLogger<Forwarder>());
        file.Save(cache, AnswerBasis.Of(Settings()), 0);
        foreach (var (options, expected) in ((ForwarderOptions, int)[])[(Settings(), 1), (Settings() with { Validation = new ValidationOptions() }, 0)])
        {
            var read = new AnswerCache(1 << 20, 4096);
            file.Load(read, AnswerBasis.Of(options), 0, TimeSpan.FromDays(1));
            Assert.Equal(expected, read.Count);
        }

        Assert.Empty(logs.Lines);
    }

    [Fact]
    public async Task Answers_are_not_taken_over_when_a_zone_s_servers_changed_in_between()
    {
        var rule = new ForwardRule(Name.Parse("lan.example.org"), [_upstream.EndPoint]);
        Serve(300);
        using (var first = new Forwarder(Settings() with { Forward = [rule] }, _time))
        {
            await first.Ask("nas.lan.example.org");
        }

        using var other = new FakeUpstream();
        foreach (var (forward, expected) in ((ForwardRule[], int)[])[([rule], 1), ([rule with { Servers = [other.EndPoint] }], 0), ([], 0)])
        {
            var read = new AnswerCache(1 << 20, 4096);
            using var logs = new RecordingLogs();
            new AnswerFile(File, _time, logs.CreateLogger<Forwarder>()).Load(read, AnswerBasis.Of(Settings() with { Forward = [.. forward] }), 0, TimeSpan.FromDays(1));
            Assert.Equal((expected, 0), (read.Count, logs.Lines.Count()));
        }
    }

    private async Task RunOnce()
    {
        using var forwarder = Start();
        Serve(300);
        await forwarder.Ask("long.example.org");
        Serve(50);
        await forwarder.Ask("short.example.org");
        _upstream.Answer = query => FakeUpstream.Reply(query, [], ["example.org 300 SOA 300"], Rcode.NxDomain);
        await forwarder.Ask("gone.example.org");
        _upstream.Answer = query => FakeUpstream.Reply(query, [], rcode: Rcode.ServFail);
        await forwarder.Ask("failed.example.org");
    }

    private Forwarder Start() => new(Settings(), _time);

    private ForwarderOptions Settings() => Options(_upstream.EndPoint) with { CachePath = File };

    private void Serve(int ttl) => _upstream.Answer = query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} {ttl} A 192.0.2.1"]);
}
