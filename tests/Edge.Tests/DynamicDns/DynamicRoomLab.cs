using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.DynamicDns;
using Edge.Services;
using Edge.Stores;
using Edge.Tests.Names.Leases;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Primitives;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.DynamicDns;

/// <summary>The room over a store, with one zone: it can be started again, and its wall clock can be set.</summary>
internal sealed class DynamicRoomLab : IDisposable
{
    private readonly SettableSource _files = new("files");
    private readonly SettableClock _clock;
    private readonly IStore _store;
    private DynamicDnsRoom? _room;
    private ZoneManager? _zones;

    public DynamicRoomLab(Func<TimeProvider, IStore>? open = null)
    {
        _clock = new SettableClock(Ticks);
        _store = open?.Invoke(_clock) ?? new MemoryStore(_clock, NullLogger<MemoryStore>.Instance);
        _files.Set(new DeclaredZone(Name.Parse("example.com."), null, [RecordText.Parse("@ SOA ns1 hostmaster 100 3600 900 1209600 300", Name.Parse("example.com.")), RecordText.Parse("@ NS ns1.example.net.", Name.Parse("example.com."))]));
    }

    /// <summary>Time that passes.</summary>
    public FakeTimeProvider Ticks { get; } = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    public Token Token { get; init; } = new() { Name = "cabin", Hash = new byte[32], Scope = new TokenScope(["*"], ["*"]), Created = default };

    /// <summary>How the token stands.</summary>
    public TokenState TokenState { get; set; } = TokenState.Valid;

    public DynamicAddresses Addresses => _room!.Addresses;

    /// <summary>"a b": the names that are answered.</summary>
    public string Answered => string.Join(' ', _zones!.Current.Zones(0).Single().RRsets.SelectMany(set => set.Records).Where(DynamicRecords.IsOne).Select(record => record.Owner.ToHostString().Split('.')[0]).Distinct().Order(StringComparer.Ordinal));

    /// <summary>"a b": the names that the store has.</summary>
    public async Task<string> KeptAsync() => string.Join(' ', (await _store.ListAsync("dynamic/", CancellationToken.None)).Entries.Select(entry => entry.Key[8..].Split('.')[0]));

    /// <summary>Edge starts, after it was down for a time, with the wall clock so far off.</summary>
    public async Task StartAsync(TimeSpan down = default, TimeSpan off = default)
    {
        Ticks.Advance(down);
        _clock.Off = off;
        _room?.Dispose();
        _zones?.Dispose();
        var records = new DynamicRecords("lan");
        _zones = new ZoneManager([_files, records], ["public"], NullLogger.Instance, Ticks);
        _room = new DynamicDnsRoom(
            new DynamicDnsSetup
            {
                Store = _store,
                Verify = (_, _) => Task.FromResult(new TokenCheck(TokenState, Token)),
                VerifyAgain = (_, _) => Task.FromResult(new TokenCheck(TokenState, Token)),
                Zones = () => _zones.Current,
                ServiceAt = _ => null,
                Allows = _ => true,
                Refused = _ => { },
                LanView = "lan",
                Time = _clock,
                Log = NullLogger.Instance,
            },
            records);
        await Addresses.LoadAsync(CancellationToken.None);
    }

    /// <summary>Somebody sets the wall clock.</summary>
    public void SetClock(TimeSpan off) => _clock.Off = off;

    /// <summary>The line of a name that was sent; null when the token does not work.</summary>
    public async Task<string?> SendAsync(string host, string address = "198.51.100.7") => (await Addresses.UpdateAsync(
        Token, Edge.DynamicDns.UpdateRequest.Read(new QueryCollection(new Dictionary<string, StringValues> { ["hostname"] = $"{host}.example.com", ["myip"] = address }), IPAddress.Loopback)!, CancellationToken.None))?.Single();

    /// <summary>An update of DNS: each name gets an address, or none.</summary>
    public Task<UpdateRefusal?> ChangeAsync(params (string Host, string? Address)[] names) => Addresses.ChangeAsync(
        Token,
        _ => new UpdateOutcome(null, names.ToImmutableDictionary(
            one => Name.Parse($"{one.Host}.example.com."),
            one => one.Address is { } address ? ImmutableArray.Create(new ResourceRecord(Name.Parse($"{one.Host}.example.com."), RecordType.A, 60, RData.Address(IPAddress.Parse(address)))) : [])),
        CancellationToken.None);

    /// <summary>Time passes, and what is due has ended.</summary>
    public async Task PassAsync(TimeSpan time)
    {
        Ticks.Advance(time);
        await Addresses.EndAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        _room?.Dispose();
        _zones?.Dispose();
    }

    private sealed class SettableClock(FakeTimeProvider ticks) : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public override long TimestampFrequency => ticks.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => ticks.GetUtcNow() + Off;

        public override long GetTimestamp() => ticks.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => ticks.CreateTimer(callback, state, dueTime, period);
    }
}
