using System.Collections.Immutable;
using Edge.Admin;
using Edge.Admin.Reports;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Admin;

/// <summary>What "edge zone roll" does, refuses and says at each step.</summary>
public sealed class RolloverDeskTests : IDisposable
{
    private static readonly Name Origin = Name.Parse("example.com.");
    private static readonly RolloverRequest Next = new(null, false, false);

    private readonly string _folder = Directory.CreateTempSubdirectory("edge-roll-").FullName;
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
    private ParentDs? _parent;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_CSK_is_exchanged_in_four_steps_with_the_waits_of_the_TTLs_between_them()
    {
        var (signing, desk) = Open(new ZoneSigningOptions());
        var old = Keys(signing).Keys[0].Key;
        Assert.Contains("Step 1 of 4", (await desk.StepAsync(Origin, Next, default)).Lines[0], StringComparison.Ordinal);
        Assert.Equal([true, false], Keys(signing).Keys.Select(key => key.Signs));
        await RefusedAsync(desk, "too early");

        // One hour for the DNSKEY set, one for secondaries.
        _time.Advance(TimeSpan.FromHours(2));
        var second = await desk.StepAsync(Origin, Next, default);
        var fresh = Keys(signing).Keys[1].Key;
        Assert.Contains(second.Lines, line => line.Contains($"DS {fresh.Tag} 13 2", StringComparison.Ordinal));
        Assert.Equal([false, true], Keys(signing).Keys.Select(key => key.Signs));
        Assert.Equal([false, true], Keys(signing).Keys.Select(key => key.Announced));

        await RefusedAsync(desk, "could not be asked");
        _parent = new ParentDs([old.DelegationSigner()], TimeSpan.FromDays(1));
        await RefusedAsync(desk, $"no DS for key {fresh.Tag}");
        _parent = new ParentDs([old.DelegationSigner(), fresh.DelegationSigner()], TimeSpan.FromDays(1));
        await RefusedAsync(desk, $"still has a DS for key {old.Tag}");
        _parent = new ParentDs([fresh.DelegationSigner()], TimeSpan.FromDays(1));
        Assert.Contains("Step 3 of 4", (await desk.StepAsync(Origin, Next, default)).Lines[0], StringComparison.Ordinal);

        // The longest TTL in the zone is two days.
        _time.Advance(TimeSpan.FromDays(2));
        await RefusedAsync(desk, "too early");
        _time.Advance(TimeSpan.FromHours(1));
        var last = await desk.StepAsync(Origin, Next, default);
        Assert.True(last.Ended);
        Assert.Equal(fresh.Dnskey, Keys(signing).Keys.Single().Key.Dnskey);
    }

    [Fact]
    public async Task Where_nobody_can_ask_the_parent_a_person_says_what_it_has()
    {
        var (signing, desk) = Open(new ZoneSigningOptions());
        await desk.StepAsync(Origin, Next, default);
        _time.Advance(TimeSpan.FromHours(2));
        await desk.StepAsync(Origin, Next, default);
        await RefusedAsync(desk, "--ds-is-exchanged");
        Assert.Contains("Step 3", (await desk.StepAsync(Origin, new RolloverRequest(null, true, false), default)).Lines[0], StringComparison.Ordinal);
        Assert.NotNull(Keys(signing).Rollover);
    }

    [Fact]
    public async Task That_the_DS_is_exchanged_can_only_be_said_when_it_is_waited_for()
    {
        var seen = new RolloverRequest(null, true, false);
        var (signing, desk) = Open(new ZoneSigningOptions());
        await RefusedAsync(desk, "waits for the DS", seen);
        Assert.Null(Keys(signing).Rollover);

        await desk.StepAsync(Origin, Next, default);
        _time.Advance(TimeSpan.FromHours(2));
        await RefusedAsync(desk, "waits for the DS", seen);
        Assert.Equal(RolloverStep.Published, Keys(signing).Rollover!.Step);

        await desk.StepAsync(Origin, Next, default);
        await desk.StepAsync(Origin, seen, default);
        _time.Advance(TimeSpan.FromDays(3));
        await RefusedAsync(desk, "waits for the DS", seen);
        Assert.Equal(RolloverStep.Retired, Keys(signing).Rollover!.Step);
    }

    [Fact]
    public async Task Of_two_kinds_of_keys_one_has_to_be_named_and_a_ZSK_takes_three_steps()
    {
        var (signing, desk) = Open(new ZoneSigningOptions(Split: true));
        await RefusedAsync(desk, "--ksk or --zsk");
        Assert.Contains("Step 1 of 3", (await desk.StepAsync(Origin, new RolloverRequest("zsk", false, false), default)).Lines[0], StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Contains("Step 2 of 3", (await desk.StepAsync(Origin, Next, default)).Lines[0], StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromHours(49));
        Assert.True((await desk.StepAsync(Origin, Next, default)).Ended);
        Assert.Equal(2, Keys(signing).Keys.Length);
    }

    [Fact]
    public async Task A_zone_that_is_not_signed_has_nothing_to_exchange()
    {
        var (_, desk) = Open(null);
        await RefusedAsync(desk, "is not signed here");
    }

    private static ZoneKeySet Keys(SigningManager signing) => signing.KeysOf(Origin)!;

    private static async Task RefusedAsync(RolloverDesk desk, string why, RolloverRequest? request = null) =>
        Assert.Contains(why, (await Assert.ThrowsAsync<RolloverRefusedException>(() => desk.StepAsync(Origin, request ?? Next, default))).Message, StringComparison.Ordinal);

    private (SigningManager Signing, RolloverDesk Desk) Open(ZoneSigningOptions? options)
    {
        var zones = ImmutableDictionary<Name, ZoneSigningOptions>.Empty;
        var signing = new SigningManager(new KeyFolder(_folder), options is null ? zones : zones.Add(Origin, options), _time, NullLogger.Instance);
        var zone = Zone.Build(Origin,
        [
            RecordText.Parse("example.com. 300 SOA ns.example.com. hostmaster.example.com. 1 7200 900 1209600 60"),
            RecordText.Parse("long.example.com. 172800 TXT \"two days\""),
        ]);
        var set = new ZoneSet(["public"], [[zone]]);
        return (signing, new RolloverDesk(signing, () => set, (_, _) => Task.FromResult(_parent), _time));
    }
}
