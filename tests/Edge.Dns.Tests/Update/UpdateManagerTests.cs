using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Tests.Zones;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>The one writer: kept, served, answered, in this order; and nothing of it when the disk says no.</summary>
public sealed class UpdateManagerTests : IDisposable
{
    private static readonly Name Origin = UpdatedZone.Origin;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-updates-");

    private string Journal => Path.Combine(_folder.FullName, "updates.journal");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_change_is_served_and_kept_when_it_is_answered()
    {
        await using var updates = UpdateManager.Open(Journal, NullLogger.Instance, TimeProvider.System);
        using var zones = new ZoneManager([new Files(), updates], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var serial = zones.Current.Zones(0).Single().Serial;
        Assert.Null(await updates.SubmitAsync(Change("new", "192.0.2.7"), Cancel));
        Assert.All([0, 1], view => Assert.NotNull(zones.Current.Zones(view).Single().Find(Origin.Prepend("new"), RecordType.A)));
        Assert.All([0, 1], view => Assert.Equal(serial + 1, zones.Current.Zones(view).Single().Serial));
        Assert.Contains("set new.example.com. 60 A 192.0.2.7", await File.ReadAllTextAsync(Journal, Cancel));
    }

    [Fact]
    public async Task A_journal_is_served_from_the_first_query_on()
    {
        await using (var updates = UpdateManager.Open(Journal, NullLogger.Instance, TimeProvider.System))
        {
            Assert.Null(await updates.SubmitAsync(Change("new", "192.0.2.7"), Cancel));
        }

        await using var again = UpdateManager.Open(Journal, NullLogger.Instance, TimeProvider.System);
        using var zones = new ZoneManager([new Files(), again], ["public"], NullLogger.Instance, TimeProvider.System);
        Assert.Equal("update by test", zones.Current.Zones(0).Single().Find(Origin.Prepend("new"), RecordType.A)!.Source.ToString());
    }

    [Fact]
    public async Task A_thousand_at_once_are_all_made_in_their_order()
    {
        await using var updates = UpdateManager.Open(Journal, NullLogger.Instance, TimeProvider.System);
        var all = await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => updates.SubmitAsync(Count, Cancel)));
        Assert.All(all, Assert.Null);
        var last = Assert.Single(updates.Changes);
        Assert.Equal("\"1000\"", RecordText.FormatData(last.Type, last.Data.Single()));

        // Each is worked out against all before it.
        static ChangeProposal Count(ChangeSet changes)
        {
            var count = changes.All.SingleOrDefault() is { } change ? int.Parse(RecordText.FormatData(change.Type, change.Data.Single()).Trim('"')) : 0;
            return new ChangeProposal(null, new ChangeEntry(Origin, null, "count", [new ChangeStep(Origin.Prepend("count"), RecordType.TXT, 60, [RData.Text($"{count + 1}")])]));
        }
    }

    [Fact]
    public async Task What_cannot_be_kept_is_not_made()
    {
        // A file where the journal's folder should be.
        await File.WriteAllTextAsync(Journal, "", Cancel);
        var log = new RecordingLogger();
        await using var updates = UpdateManager.Open(Path.Combine(Journal, "updates.journal"), log, TimeProvider.System);
        var changed = 0;
        updates.Changed += () => changed++;
        var refusal = await updates.SubmitAsync(Change("new", "192.0.2.7"), Cancel);
        Assert.Equal(Rcode.ServFail, refusal!.Rcode);
        Assert.Empty(updates.Changes);
        Assert.Equal(0, changed);
        Assert.Contains(log.Entries, entry => entry.Text.Contains("could not be kept, so nothing was changed", StringComparison.Ordinal));

        // And when the disk takes it again, it goes on.
        File.Delete(Journal);
        Directory.CreateDirectory(Journal);
        Assert.Null(await updates.SubmitAsync(Change("new", "192.0.2.7"), Cancel));
        Assert.Single(updates.Changes);
    }

    [Fact]
    public async Task An_update_that_goes_wrong_hurts_no_other()
    {
        var log = new RecordingLogger();
        await using var updates = UpdateManager.Open(Journal, log, TimeProvider.System);
        var wrong = updates.SubmitAsync(_ => throw new InvalidOperationException("planted"), Cancel);
        var good = updates.SubmitAsync(Change("new", "192.0.2.7"), Cancel);
        Assert.Equal(Rcode.ServFail, (await wrong)!.Rcode);
        Assert.Null(await good);
        Assert.Contains(log.Entries, entry => entry.Text.Contains("planted", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Changes_can_be_given_back()
    {
        await using var updates = UpdateManager.Open(Journal, NullLogger.Instance, TimeProvider.System);
        using var zones = new ZoneManager([new Files(), updates], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        Assert.Null(await updates.SubmitAsync(Change("www", "192.0.2.7"), Cancel));
        Assert.Null(await updates.SubmitAsync(Change("www", "192.168.1.7", "lan"), Cancel));
        Assert.Null(await updates.SubmitAsync(Change("new", "192.0.2.8"), Cancel));
        Assert.Equal(0, await updates.ForgetAsync(Origin, Origin.Prepend("www"), RecordType.TXT, null, Cancel));
        Assert.Equal(1, await updates.ForgetAsync(Origin, Origin.Prepend("www"), RecordType.A, "lan", Cancel));
        Assert.Equal("192.0.2.7", At("lan", "www"));
        Assert.Equal(1, await updates.ForgetAsync(Origin, Origin.Prepend("www"), null, null, Cancel));
        Assert.Equal("192.0.2.80,192.0.2.81", At("lan", "www"));
        Assert.Equal(1, await updates.ForgetAsync(Origin, null, null, null, Cancel));
        Assert.Empty(updates.Changes);
        Assert.Contains("follow new.example.com. A", await File.ReadAllTextAsync(Journal, Cancel));

        string At(string view, string owner) => string.Join(',', zones.Current.Zones(zones.Current.IndexOf(view)).Single().Find(Origin.Prepend(owner), RecordType.A)!
            .Data.Select(data => RecordText.FormatData(RecordType.A, data)));
    }

    private static Func<ChangeSet, ChangeProposal> Change(string owner, string address, string? view = null) => _ => new ChangeProposal(
        null, new ChangeEntry(Origin, view, "update by test", [new ChangeStep(Origin.Prepend(owner), RecordType.A, 60, [RecordText.Parse($"x. A {address}").Data])]));

    private sealed class Files : IZoneSource
    {
        public string Name => "files";

        public ZoneContribution Current { get; } = new([new DeclaredZone(Origin, null, ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(UpdatedZone.Text), Origin).Records)], ImmutableArray<OverlayRecord>.Empty);

        public event Action? Changed
        {
            add
            {
            }

            remove
            {
            }
        }
    }
}
