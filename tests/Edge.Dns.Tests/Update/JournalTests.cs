using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Tests.Zones;
using Edge.Dns.Update;
using Edge.Dns.Update.Journal;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>What the journal keeps, and what it makes of a file that somebody or something has hurt.</summary>
public sealed class JournalTests : IDisposable
{
    private static readonly Name Zone = Name.Parse("example.com.");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-journal-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "updates.journal");

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>Golden: what was written once must be read for ever.</summary>
    [Fact]
    public void The_persisted_form_is_this()
    {
        using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
        {
            // The first write makes the file of all changes, the second appends.
            Keep(journal, Entry("lan", Set("www", RecordType.A, "192.0.2.1", "192.0.2.2"), Gone("old", RecordType.TXT)));
            Keep(journal, Entry(null, Set("a b;\u0001", RecordType.TXT, "\"x\\010\\255\" \"\""), Set("odd", (RecordType)65280, "\\# 3 0A0B0C"), Follow("gone", RecordType.AAAA)));
        }

        const string golden = """
            edge updates 1
            begin example.com. lan
            by update by test
            gone old.example.com. TXT
            set www.example.com. 60 A 192.0.2.1
            set www.example.com. 60 A 192.0.2.2
            end b6a49893
            begin example.com.
            by update by test
            set a\032b\;\001.example.com. 60 TXT "x\010\255" ""
            set odd.example.com. 60 TYPE65280 \# 3 0A0B0C
            follow gone.example.com. AAAA
            end b95d1b8f

            """;
        Assert.Equal(golden, File.ReadAllText(Path));
    }

    [Fact]
    public void What_was_kept_is_there_after_a_restart()
    {
        var entry = Entry("lan", Set("www", RecordType.A, "192.0.2.1", "192.0.2.2"), Gone("old", RecordType.TXT), Set("*.a\\.b", RecordType.SOA, "ns. host. 1 2 3 4 5"));
        using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
        {
            Keep(journal, entry);
        }

        Assert.Equal(Text(ChangeSet.Empty.With(entry)), Text(Opened()));
    }

    [Fact]
    public void Every_type_is_kept_byte_by_byte()
    {
        var records = ZoneFileParser.Parse("every.zone", Encoding.UTF8.GetBytes(EveryTypeZone.Text), Zone).Records;
        Assert.True(records.Length > 30);
        var entry = new ChangeEntry(Zone, null, "update by test", [.. records.Select((record, i) => new ChangeStep(Zone.Prepend($"n{i}"), record.Type, record.Ttl, [record.Data]))]);
        using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
        {
            Keep(journal, entry);
        }

        Assert.Equal(records.Length, Opened().All.Count());
        Assert.Equal(Text(ChangeSet.Empty.With(entry)), Text(Opened()));
    }

    [Fact]
    public void An_end_torn_at_any_byte_loses_the_last_update_only()
    {
        var (first, second) = (Entry(null, Set("one", RecordType.A, "192.0.2.1")), Entry(null, Set("two", RecordType.TXT, "\"2\""), Gone("one", RecordType.A)));
        using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
        {
            Keep(journal, first);
            Keep(journal, second);
        }

        var bytes = File.ReadAllBytes(Path);
        var whole = bytes.Length - JournalText.Format(second).Length;
        for (var length = whole; length < bytes.Length; length++)
        {
            File.WriteAllBytes(Path, bytes[..length]);
            using var journal = ChangeJournal.Open(Path, NullLogger.Instance);
            Assert.Equal(Text(ChangeSet.Empty.With(first)), Text(journal.Opened));

            // What comes next stands behind what is whole.
            Keep(journal, second);
            Assert.Equal(bytes, File.ReadAllBytes(Path));
        }
    }

    [Fact]
    public void A_journal_torn_in_its_first_line_is_an_empty_one()
    {
        for (var length = 0; length < JournalText.Header.Length; length++)
        {
            File.WriteAllText(Path, JournalText.Header[..length]);
            using var journal = ChangeJournal.Open(Path, NullLogger.Instance);
            Assert.Null(journal.Problem);
            Keep(journal, Entry(null, Set("one", RecordType.A, "192.0.2.1")));
            Assert.Single(Opened().All);
        }
    }

    [Fact]
    public void Damage_in_the_middle_costs_that_update_and_is_told()
    {
        using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
        {
            Keep(journal, Entry(null, Set("one", RecordType.A, "192.0.2.1")));
            Keep(journal, Entry(null, Set("two", RecordType.A, "192.0.2.2")));
            Keep(journal, Entry(null, Set("three", RecordType.A, "192.0.2.3")));
        }

        File.WriteAllText(Path, File.ReadAllText(Path).Replace("192.0.2.2", "192.0.2.7", StringComparison.Ordinal));
        var log = new RecordingLogger();
        using var hurt = ChangeJournal.Open(Path, log);
        Assert.Equal(["one.example.com.", "three.example.com."], hurt.Opened.All.Select(change => change.Owner.ToString()).Order());
        Assert.Contains(log.Entries, entry => entry.Text.Contains("is damaged in line 6", StringComparison.Ordinal));
        Assert.Contains("192.0.2.7", File.ReadAllText(Path + ".damaged"), StringComparison.Ordinal);

        // The file is whole again at once, and goes on.
        Assert.DoesNotContain("192.0.2.7", File.ReadAllText(Path), StringComparison.Ordinal);
        Keep(hurt, Entry(null, Set("four", RecordType.A, "192.0.2.4")), hurt.Opened);
        Assert.Equal(3, Opened().All.Count());
    }

    [Fact]
    public void Damage_is_told_once_and_every_damaged_file_is_kept()
    {
        foreach (var kept in new[] { ".damaged", ".damaged.2", ".damaged.3" })
        {
            File.Delete(Path);
            using (var journal = ChangeJournal.Open(Path, NullLogger.Instance))
            {
                Keep(journal, Entry(null, Set("one", RecordType.A, "192.0.2.1")));
                Keep(journal, Entry(null, Set("two", RecordType.A, "192.0.2.2")));
            }

            // Within the first update, or at the end of the last.
            var hurt = kept == ".damaged.2" ? File.ReadAllText(Path)[..^5] : File.ReadAllText(Path).Replace("192.0.2.1", "192.0.2.7", StringComparison.Ordinal);
            File.WriteAllText(Path, hurt);
            Assert.Single(Told(), line => line.EndsWith($"is kept as {Path}{kept}", StringComparison.Ordinal));
            Assert.Equal(hurt, File.ReadAllText(Path + kept));
            Assert.Empty(Told());
        }
    }

    [Fact]
    public void A_file_that_is_no_journal_is_left_alone_and_no_update_is_taken()
    {
        File.WriteAllText(Path, "edge updates 2\n");
        var log = new RecordingLogger();
        using var journal = ChangeJournal.Open(Path, log);
        Assert.Contains(log.Entries, entry => entry.Text.Contains("is of another version of Edge", StringComparison.Ordinal));
        Assert.Throws<IOException>(() => Keep(journal, Entry(null, Set("one", RecordType.A, "192.0.2.1"))));
        Assert.Equal("edge updates 2\n", File.ReadAllText(Path));
    }

    [Fact]
    public void A_journal_grown_far_beyond_its_content_is_written_anew()
    {
        using var journal = ChangeJournal.Open(Path, NullLogger.Instance);
        var changes = ChangeSet.Empty;
        var longest = 0L;
        for (var i = 0; i < 300; i++)
        {
            changes = Keep(journal, Entry(null, Set("one", RecordType.TXT, $"\"{i} {new string('x', 240)}\"", $"\"{i} {new string('y', 240)}\"", $"\"{i} {new string('z', 240)}\"", $"\"{i} {new string('w', 240)}\"")), changes);
            journal.Tidy(changes);
            longest = Math.Max(longest, new FileInfo(Path).Length);
        }

        Assert.InRange(longest, 250_000, 300_000);
        Assert.InRange(new FileInfo(Path).Length, 1, 100_000);
        Assert.Equal(Text(changes), Text(Opened()));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    private static string Text(ChangeSet changes) => string.Join('\n', changes.All
        .Select(change => $"{change.Zone} {change.View} {change.Owner} {change.Ttl} {change.Type} {string.Join(',', change.Data.Select(data => Convert.ToHexString(data.Wire)))} {change.Source}").Order(StringComparer.Ordinal));

    private static ChangeSet Keep(ChangeJournal journal, ChangeEntry entry, ChangeSet? before = null)
    {
        var after = (before ?? ChangeSet.Empty).With(entry);
        journal.Append([entry], after);
        return after;
    }

    private List<string> Told()
    {
        var log = new RecordingLogger();
        ChangeJournal.Open(Path, log).Dispose();
        return [.. log.Entries.Select(entry => entry.Text)];
    }

    private ChangeSet Opened()
    {
        using var journal = ChangeJournal.Open(Path, NullLogger.Instance);
        Assert.Null(journal.Problem);
        return journal.Opened;
    }

    private static ChangeEntry Entry(string? view, params ImmutableArray<ChangeStep> steps) => new(Zone, view, "update by test", steps);

    private static ChangeStep Set(string owner, RecordType type, params string[] data) => new(Owner(owner), type, 60, [.. data.Select(text =>
    {
        Assert.True(RecordText.TryParseData(type, text, Zone, out var one, out var error), error);
        return one;
    })]);

    private static ChangeStep Gone(string owner, RecordType type) => new(Owner(owner), type, 0, []);

    private static ChangeStep Follow(string owner, RecordType type) => new(Owner(owner), type, 0, [], Dropped: true);

    private static Name Owner(string owner) => owner.StartsWith('*') ? Name.Parse(owner + ".example.com.") : Zone.Prepend(Encoding.Latin1.GetBytes(owner));
}
