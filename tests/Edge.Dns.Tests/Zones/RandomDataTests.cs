using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.RecordData;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>Random data of every type: wire to text to wire gives the same bytes, here and in BIND, which reads our text.</summary>
public sealed class RandomDataTests
{
    private const int Rounds = 60;

    // Knot 3.2 takes few characters in names without a backslash, and checks DNSSEC records as a whole.
    private const string NamesAndDnssec = "NS CNAME DNAME PTR MX SRV NAPTR RP AFSDB SVCB HTTPS RRSIG NSEC NSEC3 NSEC3PARAM DNSKEY CDS CDNSKEY";

    [Fact]
    public void What_is_printed_of_any_data_is_read_back_as_the_same_bytes()
    {
        var random = new RandomData(20260110);
        foreach (var type in RandomData.Types)
        {
            for (var round = 0; round < 10 * Rounds; round++)
            {
                var data = random.Make(type);
                var text = RecordText.FormatData(type, data);
                Assert.True((ushort)type >= 65280 || !text.StartsWith("\\#", StringComparison.Ordinal), $"{type} {Convert.ToHexString(data.Wire)} has no text form");
                Assert.True(RecordText.TryParseData(type, text, Name.Root, out var again, out var error), $"{type} {text}: {error}");
                Assert.True(data == again, $"{type} {Convert.ToHexString(data.Wire)} became {text} became {Convert.ToHexString(again.Wire)}");
            }
        }
    }

    [Fact]
    public void A_plain_line_and_the_same_line_in_parentheses_say_the_same()
    {
        var random = new RandomData(20260112);
        foreach (var type in RandomData.Types)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var data = RecordText.FormatData(type, random.Make(type));
                var plain = RecordText.Parse($"a.example. 60 {RecordText.FormatType(type)} {data}");
                var joined = RecordText.Parse($"a.example. ( 60 {RecordText.FormatType(type)}\n {data} )");
                Assert.Equal(plain, joined);
            }
        }
    }

    [Fact]
    public async Task BIND_reads_the_same_bytes_from_our_text()
    {
        var (text, ours) = RandomZone(RandomData.Types);
        var theirs = await ZoneTools.CompileRawAsync("example.com", text);
        Assert.Equal(ours, theirs.Where(line => !line.StartsWith("example.com.", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("nsd", "/usr/sbin/nsd-checkzone", "", "example.com", "FILE")]
    [InlineData("ldnsutils", "ldns-read-zone", "", "FILE")]
    [InlineData("knot-dnssecutils", "kzonecheck", NamesAndDnssec, "-d", "off", "-o", "example.com", "FILE")]
    public async Task Other_servers_read_our_text(string package, string program, string without, params string[] arguments)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, RandomZone(RandomData.Types.Where(type => !without.Split(' ').Contains(type.ToString())), tame: true).Text, TestContext.Current.CancellationToken);
            var (code, output) = await ZoneTools.RunAsync(package, program, [.. arguments.Select(argument => argument == "FILE" ? file : argument)]);
            Assert.True(code == 0, output);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_type_that_has_a_text_form_is_among_them() =>
        Assert.Equal(["SOA"], Enum.GetValues<RecordType>().Where(type => DataShapes.Of(type) is not null).Except(RandomData.Types).Select(type => type.ToString()).Where(type => type != "ALIAS"));

    private static (string Text, SortedSet<string> Records) RandomZone(IEnumerable<RecordType> types, bool tame = false)
    {
        var random = new RandomData(20260111, tame);
        var text = new StringBuilder("$TTL 1h\nexample.com. SOA ns1.example.com. host.example.com. 1 3600 900 1209600 300\nexample.com. NS ns1.example.org.\n");
        var records = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var type in types)
        {
            for (var round = 0; round < Rounds; round++)
            {
                var record = new ResourceRecord(Owner(type, round), type, 3600, random.Make(type), default);
                text.Append(ZoneText.Format(record)).Append('\n');
                records.Add($"{record.Owner} {(ushort)type} {Convert.ToHexString(record.Data.Wire)}");
            }
        }

        return (text.ToString(), records);
    }

    // NSEC3 stands at hashes only.
    private static Name Owner(RecordType type, int round) => Name.Parse(type == RecordType.NSEC3 ? $"{round:D2}7b4g4vsa5smi47k61mv5bv1a22bojr.example.com." : $"r{(ushort)type}-{round}.example.com.");
}
