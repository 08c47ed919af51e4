using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>"validation: auto": it begins as soon as the upstream has shown the root's signed keys, and nothing that came before outlasts that.</summary>
public sealed class WillingValidationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-willing-");
    private readonly Tree _tree = new();
    private readonly FakeUpstream _upstream;
    private readonly RecordingLogs _logs = new();
    private readonly List<Forwarder> _forwarders = [];
    private int _others;

    public WillingValidationTests()
    {
        _upstream = new FakeUpstream(Answer);
        Bogus();
    }

    public void Dispose()
    {
        _forwarders.ForEach(forwarder => forwarder.Dispose());
        _upstream.Dispose();
        _logs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_root_s_keys_are_asked_for_at_the_start_so_that_the_first_question_is_validated()
    {
        var forwarder = Start();
        await ForwarderClient.Until(() => forwarder.Stats.Validates == true);
        Assert.Equal(Rcode.ServFail, (await Ask(forwarder)).Rcode);
        Assert.Equal(0, forwarder.Stats.Hits);
    }

    [Fact]
    public async Task To_look_whether_it_validates_asks_nobody()
    {
        Strip();
        var forwarder = Start();
        await RefusedOnce();
        _tree.Time.Advance(TimeSpan.FromHours(1));
        var before = _tree.Asked.Count(key => key.Name.IsRoot);
        Assert.False(forwarder.Stats.Validates);
        // Time enough for what should not be.
        Assert.Equal(Rcode.NoError, (await Ask(forwarder, flags: MessageFlags.CheckingDisabled)).Rcode);
        Assert.Equal(before, _tree.Asked.Count(key => key.Name.IsRoot));
    }

    [Fact]
    public async Task What_was_cached_before_it_began_is_forgotten()
    {
        Strip();
        var forwarder = Start();
        await RefusedOnce();
        Assert.Equal(Rcode.NoError, (await Ask(forwarder)).Rcode);
        Assert.Equal(Rcode.NoError, (await Ask(forwarder)).Rcode);
        var (settings, hits) = (forwarder.Settings, forwarder.Stats.Hits);
        Assert.Equal(1, hits);
        await Begin(forwarder);
        Assert.Equal(Rcode.ServFail, (await Ask(forwarder)).Rcode);
        Assert.Equal(hits, forwarder.Stats.Hits);
        // Who keeps answers by the settings drops them too.
        Assert.NotSame(settings, forwarder.Settings);
    }

    [Fact]
    public async Task What_was_on_its_way_when_it_began_is_asked_once_more()
    {
        Strip();
        var forwarder = Start();
        await RefusedOnce();
        var held = new TaskCompletionSource();
        var serve = _upstream.OnUdp;
        _upstream.OnUdp = (query, send) =>
        {
            if (FakeUpstream.Parse(query).Questions[0].Name == Name.Parse("www.corp.example."))
            {
                held.Task.ContinueWith(_ => serve(query, send), TaskScheduler.Default);
            }
            else
            {
                serve(query, send);
            }
        };
        var waiting = Ask(forwarder);
        await Begin(forwarder);
        Assert.False(waiting.IsCompleted);
        held.SetResult();
        Assert.Equal(Rcode.ServFail, (await waiting).Rcode);
    }

    [Fact]
    public async Task A_network_that_was_not_there_is_tried_again_at_once()
    {
        _tree.Put(".", RecordType.DNSKEY, (Message?)null);
        var forwarder = Start();
        await ForwarderClient.Until(() => _tree.Asked.Any(key => key.Name.IsRoot));
        var begin = _tree.Time.GetUtcNow();
        await Begin(forwarder, TimeSpan.Zero);
        Assert.InRange(_tree.Time.GetUtcNow() - begin, TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(59));
    }

    [Fact]
    public async Task It_goes_on_over_changes_of_settings_that_have_nothing_to_do_with_it_and_begins_anew_with_other_upstreams()
    {
        var forwarder = Start();
        await ForwarderClient.Until(() => forwarder.Stats.Validates == true);
        forwarder.Configure(Options() with { MinTtl = TimeSpan.FromSeconds(5), Forward = [new ForwardRule(Name.Parse("lan.example."), [_upstream.EndPoint])] });
        Assert.True(forwarder.Stats.Validates);
        Assert.Equal(Rcode.ServFail, (await Ask(forwarder)).Rcode);
        using var silent = new FakeUpstream();
        forwarder.Configure(Options() with { Upstreams = [silent.EndPoint] });
        Assert.False(forwarder.Stats.Validates);
    }

    [Fact]
    public async Task What_nobody_judged_does_not_stay_when_the_settings_insist_on_validation()
    {
        Strip();
        var forwarder = Start();
        await RefusedOnce();
        Assert.Equal(Rcode.NoError, (await Ask(forwarder)).Rcode);
        forwarder.Configure(Options() with { ValidationIfAble = false });
        Signed();
        Assert.Equal(Rcode.ServFail, (await Ask(forwarder)).Rcode);
    }

    [Fact]
    public async Task Answers_that_nobody_judged_are_known_as_such_after_a_restart()
    {
        Strip();
        using (var first = new Forwarder(Saved(), _tree.Time, _logs.CreateLogger<Forwarder>()))
        {
            await RefusedOnce();
            Assert.Equal(Rcode.NoError, (await Ask(first)).Rcode);
        }

        var second = Start(Saved());
        await ForwarderClient.Until(() => second.Stats.CacheEntries == 1);
        Assert.Equal((Rcode.NoError, 1L), ((await Ask(second)).Rcode, second.Stats.Hits));
        await Begin(second);
        Assert.Equal(Rcode.ServFail, (await Ask(second)).Rcode);
    }

    [Fact]
    public async Task Answers_that_were_judged_outlast_a_restart_and_the_beginning_of_validation()
    {
        _tree.Put("www.corp.example.", RecordType.A, Tree.Of(_tree.Corp.Sign("www 86400 IN A 192.0.2.1")));
        using (var first = new Forwarder(Saved(), _tree.Time, _logs.CreateLogger<Forwarder>()))
        {
            await ForwarderClient.Until(() => first.Stats.Validates == true);
            Assert.Equal(Rcode.NoError, (await Ask(first)).Rcode);
        }

        Strip();
        var second = Start(Saved());
        await ForwarderClient.Until(() => second.Stats.CacheEntries == 1);
        await Begin(second);
        Assert.Equal((Rcode.NoError, 1L), ((await Ask(second)).Rcode, second.Stats.Hits));
    }

    private ForwarderOptions Options() => ForwarderClient.Options(_upstream.EndPoint) with
    {
        Validation = _tree.Options, ValidationIfAble = true, RebindingProtection = false,
        AttemptTimeout = TimeSpan.FromHours(1), TotalTimeout = TimeSpan.FromHours(2),
    };

    private ForwarderOptions Saved() => Options() with { CachePath = Path.Combine(_folder.FullName, "answers.cache") };

    private Forwarder Start(ForwarderOptions? options = null)
    {
        var forwarder = new Forwarder(options ?? Options(), _tree.Time, _logs.CreateLogger<Forwarder>());
        _forwarders.Add(forwarder);
        return forwarder;
    }

    // A router that takes the signatures away.
    private void Strip() => _tree.Put(".", RecordType.DNSKEY, Tree.Of(_tree.Root.Keys.Where(record => record.Type == RecordType.DNSKEY)));

    private void Signed() => _tree.Put(".", RecordType.DNSKEY, Tree.Of(_tree.Root.Keys));

    private void Bogus() => _tree.Put("www.corp.example.", RecordType.A, Tree.Of([_tree.Corp.Record("www 86400 IN A 192.0.2.6"), _tree.Corp.Sign("www 86400 IN A 192.0.2.1")[1]]));

    private Task RefusedOnce() => ForwarderClient.Until(() => _logs.Lines.Any(line => line.Contains("does not bring the root's keys", StringComparison.Ordinal)));

    // Questions make it look again once it is time.
    private async Task Begin(Forwarder forwarder, TimeSpan? pause = null)
    {
        Signed();
        _tree.Time.Advance(pause ?? TimeSpan.FromMinutes(1));
        await ForwarderClient.Until(() => forwarder.Stats.Validates == true, () =>
        {
            _tree.Time.Advance(TimeSpan.FromMilliseconds(200));
            var name = $"n{_others++}.corp.example.";
            _tree.Put(name, RecordType.A, Tree.Of(_tree.Corp.Sign($"{name} 300 IN A 192.0.2.1")));
            _ = Ask(forwarder, name);
        });
    }

    private static async Task<Message> Ask(Forwarder forwarder, string name = "www.corp.example.", MessageFlags flags = MessageFlags.None)
    {
        var answer = new byte[65535];
        var query = ForwarderClient.Query(name, RecordType.A, edns: new Edns(4096), flags: MessageFlags.RecursionDesired | flags);
        var length = await forwarder.ResolveAsync(query, answer, answer.Length, TestContext.Current.CancellationToken).AsTask().WaitAsync(ForwarderClient.Patience);
        return FakeUpstream.Parse(answer[..length]);
    }

    private Message? Answer(Message query)
    {
        var question = query.Questions[0];
        var found = _tree.AskAsync(new QuestionKey(question.Name, question.Type, QuestionKey.Flags(query.Edns?.DnssecOk == true, query.Flags.HasFlag(MessageFlags.CheckingDisabled))), default).Result.Message;
        var reply = Tree.Of(found?.Answer ?? [], found?.Authority, found?.Rcode ?? Rcode.ServFail);
        reply.Id = query.Id;
        reply.Flags |= query.Flags & MessageFlags.RecursionDesired;
        reply.Questions.AddRange(query.Questions);
        reply.Edns = new Edns(4096, query.Edns?.DnssecOk == true);
        return reply;
    }
}
