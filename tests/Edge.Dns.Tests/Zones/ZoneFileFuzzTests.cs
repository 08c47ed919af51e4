using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Zones;

/// <summary>Whatever a zone file holds, reading it ends with a result: records or problems, never an exception.</summary>
public sealed class ZoneFileFuzzTests
{
    private static readonly Name Origin = Name.Parse("example.com.");

    private static readonly string[] Pieces =
    [
        "\n", "\r\n", " ", "\t", "(", ")", "\"", ";", "\\", "\\000", "\\999", "\\#", "@", "*", ".", "..", "$TTL ", "$ORIGIN ", "$INCLUDE x ", "$", "IN ", "CH ",
        "1h30m", "99999999999999999999", "-1", "65536", "A ", "AAAA ", "SOA ", "MX 10 ", "TXT ", "HTTPS 1 . alpn=\"", "SVCB ", "LOC ", "TYPE65280 ", "NSEC ", "::1", "1.2.3.4",
        "é", "\u0001", "=", ",", "mandatory=", "key65535=", "a\nb", "\uFEFF",
    ];

    [Fact]
    public void Files_made_of_pieces_and_of_broken_good_ones_never_throw()
    {
        var random = new Random(20260101);
        var good = Encoding.UTF8.GetBytes(EveryTypeZone.Text);
        for (var round = 0; round < 4000; round++)
        {
            var file = round % 2 == 0 ? Pile(random) : Break(good, random);
            var result = ZoneFileParser.Parse("z", file, Origin, _ => new IncludedFile("inc", "a A 1.2.3.4"u8.ToArray()));
            Assert.InRange(result.Problems.Length, 0, 2 * ZoneFileLimits.MaxErrors + 1);
            ZoneChecks.Check(Origin, result.Records, "z", complete: true);
            ZoneChecks.Check(Origin, result.Records, "z", complete: false);
            foreach (var record in result.Records)
            {
                // What was read can be printed, and is read back the same.
                Assert.Equal(record.Data, RecordText.Parse(RecordText.Format(record)).Data);
            }
        }
    }

    [Fact]
    public void Any_bytes_as_data_of_any_type_can_be_printed()
    {
        var random = new Random(20260102);
        for (var round = 0; round < 50_000; round++)
        {
            var type = (RecordType)random.Next(1, 300);
            var bytes = new byte[random.Next(0, 40)];
            random.NextBytes(bytes);
            var text = RecordText.FormatData(type, new RData(bytes));
            if (RecordText.TryParseData(type, text, Origin, out var again, out var error))
            {
                Assert.True(new RData(bytes) == again || !text.StartsWith('\\'), $"{type} {Convert.ToHexString(bytes)} became {text}");
                Assert.Equal(text, RecordText.FormatData(type, again));
            }
            else
            {
                // Printed as bytes because they are no data of their type, or of a shape that is right with values that are
                // not: a digest of the wrong length, contradicting parameters.
                Assert.True(text.StartsWith('\\') || type is RecordType.SVCB or RecordType.HTTPS or RecordType.DS or RecordType.CDS or RecordType.TLSA or RecordType.SMIMEA or RecordType.SSHFP, $"{type} {text}: {error}");
            }
        }
    }

    [Fact]
    public void Files_that_could_take_forever_do_not()
    {
        string[] bombs =
        [
            string.Concat(Enumerable.Repeat("a (\n", 50_000)),
            new string('(', 1_000_000),
            "a TXT " + string.Concat(Enumerable.Repeat("x ", 500_000)),
            "a A " + new string('1', 1_000_000),
            new string('\\', 1_000_001),
            string.Concat(Enumerable.Repeat("a A 1\n", 50_000)),
        ];
        Assert.All(bombs, bomb => Assert.NotEmpty(ZoneFileParser.Parse("z", Encoding.UTF8.GetBytes(bomb), Origin).Problems));
    }

    private static byte[] Pile(Random random)
    {
        var text = new StringBuilder();
        for (var i = random.Next(60); i > 0; i--)
        {
            text.Append(Pieces[random.Next(Pieces.Length)]);
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Break(byte[] good, Random random)
    {
        var start = random.Next(good.Length);
        var file = good.AsSpan(start, Math.Min(good.Length - start, random.Next(400))).ToArray();
        for (var i = random.Next(6); i > 0 && file.Length > 0; i--)
        {
            file[random.Next(file.Length)] = (byte)random.Next(1, 256);
        }

        return [.. "$TTL 1h\n"u8, .. file];
    }
}
