using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>Zone files as other servers' packages install them and as their users write them load unchanged, and say what BIND reads in them.</summary>
public sealed class ForeignZonesTests
{
    [Theory]
    [InlineData("db.local", "localhost")]
    [InlineData("db.127", "127.in-addr.arpa")]
    [InlineData("db.0", "0.in-addr.arpa")]
    [InlineData("db.255", "255.in-addr.arpa")]
    [InlineData("db.empty", "10.in-addr.arpa")]
    public async Task Files_of_Debian_s_package_of_BIND(string file, string origin)
    {
        var path = Path.Combine("/etc/bind", file);
        Assert.SkipUnless(File.Exists(path), $"{path} is missing: apt-get install bind9");
        await LoadsAsync(path, origin);
    }

    [Theory]
    [InlineData("in-the-style-of-bind.zone")]
    [InlineData("in-the-style-of-nsd.zone")]
    [InlineData("in-the-style-of-knot.zone")]
    public Task Files_in_the_style_of(string file) => LoadsAsync(Path.Combine(TestFolder.Of("Foreign"), file), "example.com");

    [Theory]
    [InlineData("line ends of Windows", "\n", "\r\n")]
    [InlineData("tabs", " ", "\t")]
    [InlineData("a byte order mark", "$ORIGIN example.com.    ;", "\uFEFF$ORIGIN example.com.    ;")]
    [InlineData("no line end at the end", "wild\n", "wild")]
    public void However_an_editor_saved_it(string rule, string from, string to)
    {
        var text = File.ReadAllText(Path.Combine(TestFolder.Of("Foreign"), "in-the-style-of-nsd.zone"));
        var saved = text.Replace(from, to, StringComparison.Ordinal);
        Assert.NotEqual(text, saved);
        Assert.Equal((rule, Read(text)), (rule, Read(saved)));
    }

    private static string Read(string text)
    {
        var result = ZoneFileParser.Parse("z", Encoding.UTF8.GetBytes(text), Name.Parse("example.com."));
        Assert.Empty(result.Problems);
        return string.Join('\n', result.Records.Select(RecordText.Format));
    }

    private static async Task LoadsAsync(string path, string origin)
    {
        var name = Name.Parse(origin);
        Assert.DoesNotContain(ZoneFile.Check(path, path, name), problem => problem.IsError);
        var ours = ZoneFile.Read(path, path, name).Records.Select(RecordText.Format).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(await ZoneTools.CompileAsync(origin, await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)), ours);
    }
}
