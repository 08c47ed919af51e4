using System.Collections.Immutable;
using System.Net.NetworkInformation;
using Edge.Dns.Queries;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Resolver;

/// <summary>
/// Resolves names outside our zones by asking upstream resolvers, and remembers what they said. Special names are
/// answered here; identical questions that wait are asked once; when no upstream answers, what was known before is
/// served for a while longer (RFC 8767).
/// </summary>
public sealed partial class Forwarder : IRecursor, IDisposable
{
    private static readonly TimeSpan ResolvConfEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan SaveEvery = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan LongestLoad = TimeSpan.FromSeconds(5);

    private readonly Flights _flights;
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _configuring = new();
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly long _start;
    private readonly StripedCounter _hits = new();
    private readonly StripedCounter _local = new();
    private readonly StripedCounter _stale = new();
    private readonly StripedCounter _misses = new();
    private readonly UpstreamParts _parts;
    private volatile ForwarderSetup _setup;
    private readonly AnswerFile? _file;
    private readonly Task _loading;
    private readonly ITimer? _saving;
    private long _resolvConfReadAt;

    /// <summary>Starts with these options. Before the first query nobody is asked, but for the root's keys where validation waits for them.</summary>
    public Forwarder(ForwarderOptions options, TimeProvider? time = null, ILogger<Forwarder>? log = null)
    {
        _time = time ?? TimeProvider.System;
        _log = log ?? NullLogger<Forwarder>.Instance;
        _start = _time.GetTimestamp();
        _parts = new UpstreamParts(_time, _log);
        _setup = ForwarderSetup.Create(options, Servers(options), null, _parts, OnValidationBegun);
        _flights = new Flights(_time, _log, () => Now, _ended.Token);
        NetworkChange.NetworkAddressChanged += OnNetworkChanged;
        _file = options.CachePath is null ? null : new AnswerFile(options.CachePath, _time, _log);
        // Nobody waits for it: what is asked for before it is there is asked anew.
        _loading = _file is null ? Task.CompletedTask : Task.Run(() => _file.Load(_setup.Cache, AnswerBasis.Of(options), Now, options.MaxStale));
        _saving = _file is null ? null : _time.CreateTimer(_ => Save(), null, SaveEvery, SaveEvery);
        _setup.Search.Prepare();
    }

    /// <summary>Counts since start, and the upstreams now.</summary>
    public ForwarderStats Stats
    {
        get
        {
            var setup = _setup;
            return new ForwarderStats(_hits.Value, _misses.Value, _flights.Merged.Value, _local.Value, _stale.Value, _flights.Failures.Value,
                setup.Cache.Count, setup.Cache.Bytes, setup.Cache.MaxBytes, [.. setup.All.Select(u => u.State)], setup.Search.Validates, setup.Recursion?.Stats);
        }
    }

    private long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>Replaces the options. Cache and the state of upstreams that stay are kept, unless their own settings changed.</summary>
    public void Configure(ForwarderOptions options) => Replace(options, Servers(options));

    /// <inheritdoc/>
    public object? Settings => _setup;

    /// <inheritdoc/>
    public void CountHit() => _hits.Increment();

    /// <inheritdoc/>
    public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
    {
        length = 0;
        if (!ClientQuery.TryRead(query, out var asked))
        {
            return false;
        }

        var setup = _setup;
        var now = Now;
        if (Find(setup, asked, now, out var stale) is { } kept)
        {
            (stale ? _stale : _hits).Increment();
            notes?.Note(stale ? AnsweredBy.Stale : AnsweredBy.Cache);
            if (now >= kept.RefreshAt && !stale)
            {
                Prefetch(setup, kept, asked);
            }

            length = AnswerWriter.Write(kept, asked, answer, limit, now, stale);
            return true;
        }

        var special = SpecialNames.Find(asked.Name);
        if (special is null || IsForwarded(setup, special, asked.Name) || !SpecialAnswerWriter.TryWrite(special, asked, answer, limit, out length))
        {
            return false;
        }

        _local.Increment();
        notes?.Note(AnsweredBy.SpecialName);
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
    {
        if (TryAnswerFromCache(query.Span, answer.Span, limit, out var length, notes))
        {
            return length;
        }

        if (!TryReadKey(query.Span, out var key, out var refusal))
        {
            notes?.Note(AnsweredBy.Refused);
            return Write(refusal!.Value, query.Span, answer.Span, limit, stale: false);
        }

        RefreshResolvConf();
        _misses.Increment();
        var setup = _setup;
        var old = FindStale(setup, key, Now);
        var flight = _flights.Join(key, setup, old);
        if (old is null)
        {
            var found = await flight.WaitAsync(cancel).ConfigureAwait(false);
            notes?.Note(found.IsConcluded ? AnsweredBy.Cache : AnsweredBy.Upstream, found.From);
            return Write(found.Answer, query.Span, answer.Span, limit, stale: false);
        }

        Learned? fresh = null;
        try
        {
            fresh = await flight.WaitAsync(setup.Options.StaleWait, _time, cancel).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // RFC 8767 §5: the client does not wait longer; the question goes on and its answer serves the next one.
        }

        var useOld = fresh is not { Answer: { Failures: 0, Rcode: not Rcode.ServFail } };
        notes?.Note(useOld ? AnsweredBy.Stale : AnsweredBy.Upstream, useOld ? null : fresh!.Value.From);
        if (useOld)
        {
            _stale.Increment();
        }

        return Write(useOld ? old.Value : fresh!.Value.Answer, query.Span, answer.Span, limit, useOld);
    }

    /// <summary>Asks one question for the program itself, through the same cache and upstreams.</summary>
    /// <param name="name">What is asked.</param>
    /// <param name="type">The type asked for.</param>
    /// <param name="cancel">Ends the wait.</param>
    /// <returns>The answer; SERVFAIL with an extended error when nothing could be learned.</returns>
    public async Task<Message> AskAsync(Name name, RecordType type, CancellationToken cancel)
    {
        var query = new Message { Flags = MessageFlags.RecursionDesired, Edns = new Edns(Edns.SafePayloadSize) };
        query.Questions.Add(new Question(name, type));
        var answer = new byte[Message.MaxLength];
        // What the program does with it is nothing for the thread that brings replies.
        var length = await ResolveAsync(query.ToArray(), answer, answer.Length, cancel).AsTask().ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        return Message.TryParse(answer.AsSpan(0, length), out var message, out var error) ? message : throw new FormatException(error);
    }

    /// <summary>The same past the cache: for what somebody has just changed. What is learned takes the place of what was remembered.</summary>
    public async Task<Message> AskAnewAsync(Name name, RecordType type, CancellationToken cancel)
    {
        var setup = _setup;
        if (SpecialNames.Find(name.Wire) is { } special && !IsForwarded(setup, special, name.Wire))
        {
            return await AskAsync(name, type, cancel).ConfigureAwait(false);
        }

        RefreshResolvConf();
        _misses.Increment();
        setup = _setup;
        var query = new Message { Flags = MessageFlags.RecursionDesired, Edns = new Edns(Edns.SafePayloadSize) };
        query.Questions.Add(new Question(name, type));
        var (asked, answer) = (query.ToArray(), new byte[Message.MaxLength]);
        if (!TryReadKey(asked, out var key, out _))
        {
            return await AskAsync(name, type, cancel).ConfigureAwait(false);
        }

        var found = await _flights.AskAnewAsync(key, setup).WaitAsync(cancel).ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var length = Write(found.Answer, asked, answer, answer.Length, stale: false);
        return Message.TryParse(answer.AsSpan(0, length), out var message, out var error) ? message : throw new FormatException(error);
    }

    /// <summary>Whom a name is asked of with the settings of now.</summary>
    public ResolverRoute RouteOf(Name name)
    {
        var setup = _setup;
        if (setup.Delegated.Find(name.Wire) is { } cut)
        {
            return new ResolverRoute(null, [], false, null) { Delegation = cut };
        }

        if (setup.Options.Forward.Where(rule => name.IsAtOrBelow(rule.Zone)).MaxBy(rule => rule.Zone.LabelCount) is { } rule)
        {
            return new ResolverRoute(rule.Zone, rule.Servers, false, null);
        }

        if (SpecialNames.Find(name.Wire) is { } special && !IsForwarded(setup, special, name.Wire))
        {
            return new ResolverRoute(null, [], false, special);
        }

        return setup.Recursion is not null ? new ResolverRoute(null, [], true, null) : new ResolverRoute(null, [.. setup.Upstreams.All.Select(upstream => upstream.Server)], false, null);
    }

    /// <summary>Ends the questions on their way.</summary>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnNetworkChanged;
        _ended.Cancel();
        foreach (var upstream in _setup.All)
        {
            upstream.Dispose();
        }

        _setup.Recursion?.Dispose();
        _parts.Dispose();
        _saving?.Dispose();
        // What is known now would replace a file that was not read yet.
        _loading.Wait(LongestLoad);
        Save();
    }

    private void Save()
    {
        // Before the old file was read, it is worth more than what is known now.
        if (_loading.IsCompleted)
        {
            _file?.Save(_setup.Cache, AnswerBasis.Of(_setup.Options), Now);
        }
    }

    private static CachedAnswer? Find(ForwarderSetup setup, in ClientQuery asked, long now, out bool stale)
    {
        var cache = setup.Cache;
        if (Usable(cache.Find(asked.Name, asked.Type, asked.KeyFlags), now, out stale) is { } exact)
        {
            return exact;
        }

        if (Usable(cache.Find(asked.Name, CachedAnswer.AnyType, asked.KeyFlags), now, out stale) is { } missing)
        {
            return missing;
        }

        // RFC 8020 §2: what does not exist has nothing below it. With DO the proofs would be about another name.
        if (!setup.Options.NxDomainCoversSubtree || QuestionKey.IsDnssecOk(asked.KeyFlags))
        {
            return null;
        }

        for (var name = asked.Name; name[0] != 0; name = name[(name[0] + 1)..])
        {
            if (cache.Find(name, CachedAnswer.AnyType, asked.KeyFlags) is { } above && now < above.ExpiresAt)
            {
                return above;
            }
        }

        return null;
    }

    private static CachedAnswer? Usable(CachedAnswer? kept, long now, out bool stale)
    {
        stale = kept is { } answer && now >= answer.ExpiresAt;
        return stale && now >= kept!.Value.StaleUntil ? null : kept;
    }

    private static CachedAnswer? FindStale(ForwarderSetup setup, QuestionKey key, long now)
    {
        var maxStale = (long)setup.Options.MaxStale.TotalMilliseconds;
        var exact = setup.Cache.Find(key.Name.Wire, key.Type, key.KeyFlags);
        var kept = exact is { Failures: 0 } ? exact : setup.Cache.Find(key.Name.Wire, CachedAnswer.AnyType, key.KeyFlags);
        return kept is { } old && now < old.ExpiresAt + maxStale ? old : null;
    }

    private static bool IsForwarded(ForwarderSetup setup, SpecialName special, ReadOnlySpan<byte> asked)
    {
        if (setup.Rules.Find(asked) is not null || setup.Options.Delegations.Covers(asked))
        {
            return true;
        }

        foreach (var name in setup.Options.ForwardedSpecialNames)
        {
            if (special.Domain.IsAtOrBelow(name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TryReadKey(ReadOnlySpan<byte> query, out QuestionKey key, out CachedAnswer? refusal)
    {
        if (!ClientQuery.TryRead(query, out var asked))
        {
            throw new ArgumentException("the query was not looked at before it came here", nameof(query));
        }

        // In lower case: the case of the first client's question is nothing that later ones should see in data.
        key = QuestionKey.LowerCase(asked.Name, asked.Type, asked.KeyFlags);
        refusal = (asked.RecursionDesired, (ushort)asked.Type) switch
        {
            (false, _) => AnswerBuilder.Failure(key, Rcode.Refused, ExtendedErrorCode.Other, "not cached, and recursion was not desired"),
            // Meta types are between neighbours: OPT, TSIG, transfers and their like (RFC 6895 §3.1); ANY is the exception.
            (_, 0 or 41 or (>= 128 and < 255)) => AnswerBuilder.Failure(key, Rcode.NotImp, ExtendedErrorCode.Other, "this type is not forwarded"),
            _ => null,
        };
        return refusal is null;
    }

    private int Write(CachedAnswer kept, ReadOnlySpan<byte> query, Span<byte> answer, int limit, bool stale)
    {
        ClientQuery.TryRead(query, out var asked);
        return AnswerWriter.Write(kept, asked, answer, limit, Now, stale);
    }

    // What is asked for again is asked anew before it ends, so that nobody waits for it. Once for each answer.
    private void Prefetch(ForwarderSetup setup, CachedAnswer kept, in ClientQuery asked)
    {
        if (!asked.RecursionDesired || !NameComparison.Equal(kept.Name, asked.Name) || !kept.TryRefresh())
        {
            return;
        }

        _flights.Join(QuestionKey.LowerCase(asked.Name, asked.Type, asked.KeyFlags), setup, kept);
    }

    private void OnNetworkChanged(object? sender, EventArgs change)
    {
        foreach (var upstream in _setup.All)
        {
            upstream.OnNetworkChanged();
        }

        _setup.Search.Prepare();
    }

    private ImmutableArray<UpstreamServer> Servers(ForwarderOptions options)
    {
        _resolvConfReadAt = _time.GetTimestamp();
        return options.Upstreams.IsDefaultOrEmpty ? [.. ResolvConf.Read(options.ResolvConfPath, options.OwnEndPoints)] : options.Upstreams;
    }

    // DHCP rewrites resolv.conf when the network changes; a question that needs upstreams is the moment to look.
    private void RefreshResolvConf()
    {
        var options = _setup.Options;
        if (!options.Upstreams.IsDefaultOrEmpty || _time.GetElapsedTime(Volatile.Read(ref _resolvConfReadAt)) < ResolvConfEvery)
        {
            return;
        }

        var servers = Servers(options);
        if (!servers.SequenceEqual(_setup.Upstreams.All.Select(u => u.Server)))
        {
            Log.NameserversChanged(_log, options.ResolvConfPath, string.Join(", ", servers));
            Replace(options, servers);
        }
    }

    private void Replace(ForwarderOptions options, ImmutableArray<UpstreamServer> servers)
    {
        lock (_configuring)
        {
            var before = _setup;
            _setup = ForwarderSetup.Create(options, servers, before, _parts, OnValidationBegun);
            foreach (var gone in before.All.Except(_setup.All))
            {
                gone.Dispose();
            }

            if (before.Recursion != _setup.Recursion)
            {
                before.Recursion?.Dispose();
            }

            _setup.Search.Prepare();
        }
    }

    // What was learned before nobody has judged. Another setup makes those forget it too who keep answers by the setup.
    private void OnValidationBegun()
    {
        lock (_configuring)
        {
            if (_setup.Search.Validates == true)
            {
                _setup.Cache.RequireJudgement(true);
                _setup = _setup.Anew();
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1310, LogLevel.Information, "The nameservers in {Path} are now {Nameservers}")]
        public static partial void NameserversChanged(ILogger logger, string path, string nameservers);
    }
}
