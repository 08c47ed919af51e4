using System.Collections.Immutable;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Names;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Names;

/// <summary>A serial never goes back, whatever happens to the process: a secondary that holds a newer one would never ask again (RFC 1982).</summary>
public sealed class ServedSerialsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-serials-");

    public static TheoryData<string, string[], uint> Cases => new()
    {
        { "the same content keeps its serial", ["www A 192.0.2.2"], 6 },
        { "other content gets the next one", ["www A 192.0.2.3"], 7 },
        { "content that is gone gets the next one", [], 7 },
        { "a serial that was raised by hand is taken", ["@ SOA ns1 host 10 7200 900 1209600 300", "www A 192.0.2.2"], 10 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_restart_goes_on_where_the_last_process_ended(string title, string[] lines, uint serial)
    {
        Assert.NotEmpty(title);
        // The file says 5; a change while it ran made it 6.
        Assert.Equal(5u, Serve(["www A 192.0.2.1"], then: ["www A 192.0.2.2"]).First);
        Assert.Equal(serial, Serve(lines).First);
    }

    [Fact]
    public void A_line_that_was_cut_off_is_passed_over()
    {
        Serve(["www A 192.0.2.1"], then: ["www A 192.0.2.2"]);
        var file = Path.Combine(_folder.FullName, "zone-serials");
        File.AppendAllText(file, "public example.com. 7");
        Assert.Equal((6u, 7u), Serve(["www A 192.0.2.2"], then: ["www A 192.0.2.9"]));
        Assert.Equal(7u, Serve(["www A 192.0.2.9"]).First);
    }

    [Fact]
    public void What_was_written_long_ago_is_dropped()
    {
        var file = Path.Combine(_folder.FullName, "zone-serials");
        File.WriteAllLines(file, Enumerable.Range(1, 1000).Select(serial => $"public example.com. {serial} 0123456789abcdef"));
        Assert.Equal(1001u, Serve(["www A 192.0.2.1"]).First);
        Assert.InRange(File.ReadAllLines(file).Length, 1, 10);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private (uint First, uint Last) Serve(string[] lines, string[]? then = null)
    {
        using var serials = ServedSerialsFile.Open(_folder.FullName, NullLogger.Instance);
        var source = new OneZone(lines);
        using var manager = new ZoneManager([source], ["public"], NullLogger.Instance, TimeProvider.System, serials);
        var first = manager.Current.Zones(0)[0].Serial;
        if (then is not null)
        {
            source.Say(then);
        }

        return (first, manager.Current.Zones(0)[0].Serial);
    }

    private sealed class OneZone : IZoneSource
    {
        private static readonly Dns.Wire.Name Origin = Dns.Wire.Name.Parse("example.com.");

        public OneZone(string[] lines) => Current = Of(lines);

        public string Name => "test";

        public ZoneContribution Current { get; private set; }

        public event Action? Changed;

        public void Say(string[] lines)
        {
            Current = Of(lines);
            Changed?.Invoke();
        }

        private static ZoneContribution Of(string[] lines)
        {
            string[] soa = lines.Any(line => line.Contains(" SOA ", StringComparison.Ordinal)) ? [] : ["@ SOA ns1 host 5 7200 900 1209600 300"];
            return new([new DeclaredZone(Origin, null, [.. soa.Concat(["@ NS ns1", "ns1 A 192.0.2.53"]).Concat(lines).Select(line => RecordText.Parse(line, Origin))])], []);
        }
    }
}
