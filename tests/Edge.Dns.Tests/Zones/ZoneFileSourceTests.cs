using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>A folder of zone files while people edit it: what is served, and what they are told.</summary>
public sealed class ZoneFileSourceTests : IAsyncDisposable
{
    private const string Zone = "$TTL 1h\n@ SOA ns1 hostmaster 1 1h 15m 2w 5m\n@ NS ns1\nns1 A 192.0.2.1\n";

    private readonly TemporaryZones _zones = new();
    private readonly FakeTimeProvider _time = new();
    private readonly RecordingLogger _logger = new();
    private readonly ZoneFileSource _source;
    private int _changes;

    public ZoneFileSourceTests()
    {
        _source = new ZoneFileSource(_zones.Path, "zones", ["lan", "public"], _logger, _time);
        _source.Changed += () => _changes++;
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        _zones.Dispose();
    }

    [Fact]
    public void Files_are_zones_for_all_views_and_for_one()
    {
        _zones.Write("example.com.zone", Zone);
        _zones.Write("example.net.zone", Zone);
        _zones.Write("lan/example.com.zone", "nas 5m A 192.168.1.10");
        _zones.Write("parts/README", "not a zone");
        _zones.Write(".example.org.zone.swp", "not a zone");
        Start();
        Assert.Empty(_source.Problems);
        Assert.Equal(["example.com. ", "example.net. ", "example.com. lan"], _source.Current.Zones.OrderBy(zone => zone.View).Select(zone => $"{zone.Origin} {zone.View}"));
    }

    [Fact]
    public void A_saved_file_is_served_within_a_second_and_others_are_not_read_again()
    {
        _zones.Write("example.com.zone", Zone);
        _zones.Write("example.net.zone", Zone);
        Start();
        var before = _source.Current;
        _zones.Write("example.com.zone", Zone + "new A 192.0.2.2\n");
        Second();
        Assert.Equal(2, _changes);
        Assert.Contains(Served("example.com.").Records, record => record.Owner == Name.Parse("new.example.com"));
        Assert.Same(before.Zones[1], _source.Current.Zones[1]);
        Second();
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void A_file_that_is_still_being_written_is_left_alone()
    {
        _zones.Write("example.com.zone", Zone);
        Start();
        for (var part = 1; part <= 5; part++)
        {
            _zones.Write("example.com.zone", Zone + new string(';', part));
            _time.Advance(ZoneFileSource.PollInterval);
        }

        Assert.Equal(1, _changes);
        _time.Advance(ZoneFileSource.PollInterval);
        Assert.Equal(2, _changes);
    }

    [Fact]
    public void A_file_with_errors_changes_nothing_and_is_told_once_with_all_its_lines()
    {
        _zones.Write("example.com.zone", Zone);
        Start();
        var before = _source.Current;
        _zones.Write("example.com.zone", Zone + "a A ::1\nb A ::1\n");
        Second();
        Second();
        Assert.Same(before, _source.Current);
        Assert.Equal([5, 6], _source.Problems.Select(problem => problem.Line));
        var told = Assert.Single(_logger.Entries, entry => entry.Level == LogLevel.Error).Text;
        Assert.Contains("zones/example.com.zone: 2 errors; what it said before is still served", told, StringComparison.Ordinal);
        Assert.Contains("zones/example.com.zone:5: ", told, StringComparison.Ordinal);
        Assert.Contains("zones/example.com.zone:6: ", told, StringComparison.Ordinal);

        _zones.Write("example.com.zone", Zone + "a AAAA ::1\n");
        Second();
        Assert.Empty(_source.Problems);
        Assert.Equal(4, Served("example.com.").Records.Length);
    }

    [Fact]
    public void At_the_first_load_only_the_zone_with_errors_is_missing()
    {
        _zones.Write("example.com.zone", Zone + "a A ::1\n");
        _zones.Write("example.net.zone", Zone);
        Start();
        Assert.Equal("example.net.", Assert.Single(_source.Current.Zones).Origin.ToString());
        Assert.Single(_source.Problems);
    }

    [Fact]
    public void A_removed_file_removes_its_zone_but_a_file_renamed_over_does_not()
    {
        _zones.Write("example.com.zone", Zone);
        _zones.Write("example.net.zone", Zone);
        Start();
        _zones.Delete("example.net.zone");
        _time.Advance(ZoneFileSource.PollInterval);
        _zones.Write("example.net.zone", Zone);
        Second();
        Assert.Equal(2, _source.Current.Zones.Length);
        _zones.Delete("example.net.zone");
        Second();
        Assert.Equal("example.com.", Assert.Single(_source.Current.Zones).Origin.ToString());
        Assert.Contains(_logger.Entries, entry => entry.Text.StartsWith("zones/example.net.zone is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void A_file_of_the_same_size_and_time_renamed_over_the_old_one_is_seen()
    {
        _zones.Write("example.com.zone", Zone);
        Start();
        var path = Path.Combine(_zones.Path, "example.com.zone");
        var time = File.GetLastWriteTimeUtc(path);
        _zones.Write("next", Zone.Replace("192.0.2.1", "192.0.2.9", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(Path.Combine(_zones.Path, "next"), time);
        File.Move(Path.Combine(_zones.Path, "next"), path, overwrite: true);
        Second();
        Assert.Contains(Served("example.com.").Records, record => RecordText.FormatData(record.Type, record.Data) == "192.0.2.9");
    }

    [Fact]
    public void A_mounted_file_whose_link_is_swapped_is_seen()
    {
        _zones.Write("..v1/example.com.zone", Zone);
        _zones.Write("..v2/example.com.zone", Zone + "new A 192.0.2.2\n");
        Directory.CreateSymbolicLink(Path.Combine(_zones.Path, "..data"), "..v1");
        File.CreateSymbolicLink(Path.Combine(_zones.Path, "example.com.zone"), "..data/example.com.zone");
        Start();
        Assert.Empty(_source.Problems);
        Directory.CreateSymbolicLink(Path.Combine(_zones.Path, "..next"), "..v2");
        Directory.Delete(Path.Combine(_zones.Path, "..data"));
        Directory.Move(Path.Combine(_zones.Path, "..next"), Path.Combine(_zones.Path, "..data"));
        Second();
        Assert.Equal(4, Served("example.com.").Records.Length);
    }

    [Fact]
    public void A_changed_included_file_is_a_change()
    {
        _zones.Write("example.com.zone", Zone + "$INCLUDE parts/mail.inc\n");
        _zones.Write("parts/mail.inc", "mail A 192.0.2.2\n");
        Start();
        _zones.Write("parts/mail.inc", "mail A 192.0.2.2\nimap A 192.0.2.3\n");
        Second();
        Assert.Equal(5, Served("example.com.").Records.Length);
        Assert.Equal("zones/parts/mail.inc:2", Served("example.com.").Records[^1].Source.ToString());
    }

    [Theory]
    [InlineData("../outside", "cannot include \"../outside\": it has to lie inside zones/, written relative to it")]
    [InlineData("/etc/passwd", "cannot include \"/etc/passwd\": it has to lie inside zones/, written relative to it")]
    [InlineData("parts/../../outside", "cannot include \"parts/../../outside\": it has to lie inside zones/, written relative to it")]
    [InlineData("missing.inc", "cannot include \"missing.inc\": there is no such file")]
    public void Nothing_outside_of_the_folder_is_included(string name, string message)
    {
        _zones.Write("example.com.zone", Zone + $"$INCLUDE {name}\n");
        Start();
        Assert.Equal(message, Assert.Single(_source.Problems).Message);
    }

    [Theory]
    [InlineData("lann/example.com.zone", "a A 192.0.2.1", "zones/lann: there is no view \"lann\" (the views are lan, public)")]
    [InlineData("lan/example.net.zone", "a 60 A 192.0.2.1", "zones/lan/example.net.zone: no zone example.net. is declared (add zones/example.net.zone, which this file changes for the view lan)")]
    [InlineData("lan/example.com.zone", "@ 60 CNAME x.", "zones/lan/example.com.zone:1: example.com. has a CNAME beside other data: SOA in line 2 (the apex has SOA and NS: use ALIAS there, or A and AAAA)")]
    [InlineData("lan/example.com.zone", "a A 192.0.2.1", "zones/lan/example.com.zone:1: this record has no TTL, and nothing above gives one (put $TTL 1h at the top of the file)")]
    [InlineData("a..b.zone", Zone, "zones/a..b.zone: \"a..b\" is no zone name: a label is empty (two dots in a row, or nothing at all) (name the file after its zone: example.com.zone)")]
    [InlineData("EXAMPLE.com.zone", Zone, "zones/EXAMPLE.com.zone: its zone is already declared by zones/example.com.zone, so this file is not read (keep one of the two)")]
    public void What_cannot_be_served_is_a_problem_and_the_rest_is_served(string file, string text, string problem)
    {
        _zones.Write("example.com.zone", Zone);
        _zones.Write(file, text);
        Start();
        Assert.Equal(problem, Assert.Single(_source.Problems).ToString());
        Assert.Single(_source.Current.Zones);
    }

    [Theory]
    [InlineData("example.com.zone", "EXAMPLE.COM.zone", Zone)]
    [InlineData("example.com.zone", "EXAMPLE.COM.zone", "broken")]
    [InlineData("EXAMPLE.COM.zone", "example.com.zone", Zone)]
    [InlineData("EXAMPLE.COM.zone", "example.com.zone", "broken")]
    public void A_served_file_keeps_its_zone_against_one_that_differs_in_case(string served, string later, string text)
    {
        _zones.Write(served, Zone);
        Start();
        var before = _source.Current;
        _zones.Write(later, text);
        Second();
        Second();
        Assert.Same(before, _source.Current);
        Assert.Equal($"zones/{later}: its zone is already declared by zones/{served}, so this file is not read (keep one of the two)", Assert.Single(_source.Problems).ToString());
        Assert.DoesNotContain(_logger.Entries, entry => entry.Text.Contains("is gone", StringComparison.Ordinal));

        _zones.Delete(served);
        _zones.Write(later, Zone);
        Second();
        Assert.Empty(_source.Problems);
        Assert.NotSame(before.Zones[0], Served("example.com."));
        Assert.Single(_logger.Entries, entry => entry.Text.StartsWith($"zones/{served} is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void Of_files_that_differ_in_case_and_are_not_served_the_one_in_lower_case_is_read()
    {
        _zones.Write("EXAMPLE.com.zone", "broken");
        Start();
        _zones.Write("example.com.zone", Zone);
        Second();
        Assert.Single(_source.Current.Zones);
        Assert.Single(_source.Problems, problem => problem.File == "zones/EXAMPLE.com.zone" && problem.Message.Contains("already declared by zones/example.com.zone", StringComparison.Ordinal));
        Assert.DoesNotContain(_logger.Entries, entry => entry.Text.Contains("is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void A_folder_that_vanishes_takes_no_zone_with_it()
    {
        _zones.Write("example.com.zone", Zone);
        Start();
        Directory.Delete(_zones.Path, recursive: true);
        Second();
        Assert.Single(_source.Current.Zones);
        Assert.StartsWith("zones: warning: the folder is gone; what its files said is still served", Assert.Single(_source.Problems).ToString(), StringComparison.Ordinal);
        Second();
        var gone = Assert.Single(_logger.Entries, entry => entry.Text.StartsWith("zones: ", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Warning, gone.Level);
        Assert.StartsWith("zones: the folder is gone; ", gone.Text, StringComparison.Ordinal);

        _zones.Write("example.com.zone", Zone);
        Second();
        Assert.Empty(_source.Problems);
        Assert.Single(_logger.Entries, entry => entry == (LogLevel.Information, "zones: the folder is back"));
    }

    [Fact]
    public void A_folder_that_was_never_there_is_one_quiet_line_and_is_followed_once_it_is_made()
    {
        Directory.Delete(_zones.Path);
        Start();
        Second();
        Assert.Equal((LogLevel.Information, "zones: no such folder; no zone files are served"), Assert.Single(_logger.Entries));
        Assert.Equal("zones: warning: no such folder; no zone files are served", Assert.Single(_source.Problems).ToString());

        _zones.Write("example.com.zone", Zone);
        Second();
        Assert.Empty(_source.Problems);
        Assert.Single(_source.Current.Zones);
        Assert.DoesNotContain(_logger.Entries, entry => entry.Text.Contains("back", StringComparison.Ordinal));
    }

    private void Start()
    {
        _source.Load();
        _source.Start();
    }

    private void Second()
    {
        for (var look = 0; look < 4; look++)
        {
            _time.Advance(ZoneFileSource.PollInterval);
        }
    }

    private DeclaredZone Served(string origin) => _source.Current.Zones.Single(zone => zone.View is null && zone.Origin == Name.Parse(origin));
}
