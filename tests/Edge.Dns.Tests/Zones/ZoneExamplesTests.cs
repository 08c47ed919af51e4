using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>What we show people works as it is shown: the files in zones/ and every zone in docs.</summary>
public sealed partial class ZoneExamplesTests
{
    private static readonly string Repository = FindRepository();

    [Fact]
    public void The_zones_of_the_repository_are_without_a_single_problem() =>
        Assert.Empty(ZoneFileSource.Check(Path.Combine(Repository, "zones"), "zones", ["lan", "public"]));

    [Theory]
    [InlineData("lan", "nas.example.com", "192.168.1.10 fd00::10")]
    [InlineData("public", "nas.example.com", "203.0.113.10 2001:db8::10")]
    [InlineData("lan", "router.example.com", "192.168.1.1")]
    [InlineData("public", "router.example.com", "")]
    [InlineData("lan", "*.nas.example.com", "nas.example.com.")]
    [InlineData("public", "10.1.168.192.in-addr.arpa", "nas.example.com.")]
    public void They_show_the_split_horizon(string view, string name, string data)
    {
        var source = new ZoneFileSource(Path.Combine(Repository, "zones"), "zones", ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        source.Load();
        using var manager = new ZoneManager([source], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var owner = Name.Parse(name);
        var zone = manager.Current.Find(manager.Current.IndexOf(view), owner.Wire)!;
        Assert.Equal(data, string.Join(' ', zone.RRsets.Where(set => set.Owner == owner).SelectMany(set => set.Records).Select(record => RecordText.FormatData(record.Type, record.Data))));
    }

    [Fact]
    public void Every_zone_in_the_documents_loads()
    {
        var origin = Name.Parse("example.com.");
        var blocks = Directory.EnumerateFiles(Path.Combine(Repository, "docs"), "*.md", SearchOption.AllDirectories).Append(Path.Combine(Repository, "README.md"))
            .Where(File.Exists).SelectMany(file => ZoneBlock().Matches(File.ReadAllText(file)).Select(match => (File: file, Match: match))).ToList();
        Assert.NotEmpty(blocks);
        foreach (var (file, match) in blocks)
        {
            var parsed = ZoneFileParser.Parse(Path.GetFileName(file), Encoding.UTF8.GetBytes(match.Groups["text"].Value), origin);
            var checks = match.Groups["kind"].Value.Length > 0 ? [] : ZoneChecks.Check(origin, parsed.Records, Path.GetFileName(file), complete: true);
            Assert.Empty(parsed.Problems.Concat(checks));
        }
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Edge.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("no Edge.sln above the tests");
        }

        return folder;
    }

    [GeneratedRegex("^```zone(?<kind> view)?\n(?<text>.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex ZoneBlock();
}
