using System.Text;

namespace Edge.Dns.Tests.Zones;

/// <summary>Makes of zone files other files that are almost zone files.</summary>
internal sealed class ZoneFileMutator(Random random)
{
    private static readonly string[] Words =
    [
        "\n", "\r\n", " ", "\t", "(", ")", "\"", ";", "\\", "\\000", "\\999", "\\#", "@", "*", ".", "..", "$", "$TTL ", "$ORIGIN ", "$INCLUDE x ", "$GENERATE 1-3 ", "${0,3,d}", "${-1,9,n}", "$$", "\\$",
        "IN ", "CH ", "CLASS1 ", "1h30m ", "0 ", "4294967295 ", "99999999999999999999 ", "-1 ", "A ", "AAAA ", "ALIAS ", "CNAME ", "DNAME ", "NS ", "SOA ", "MX 10 ", "TXT ", "HTTPS 1 . ", "SVCB 0 ", "LOC ", "NSEC ",
        "TYPE65280 \\# 3 ", "::1", "1.2.3.4", "é", "\u0001", "=", ",", "alpn=\"h2,h3\" ", "mandatory=", "key65535=", "tls-supported-groups=29,23 ", "docpath=a,b ", "dohpath=/q{?dns} ", "\uFEFF", "\n  ", "\n@ ", "\n* ",
    ];

    /// <summary>A changed copy; parts of <paramref name="other"/> may be in it.</summary>
    public byte[] Mutate(byte[] file, byte[] other)
    {
        var bytes = file.ToList();
        for (var i = random.Next(1, 6); i > 0; i--)
        {
            var at = random.Next(bytes.Count + 1);
            switch (random.Next(6))
            {
                case 0 when bytes.Count > 0:
                    bytes[Math.Min(at, bytes.Count - 1)] = (byte)random.Next(1, 256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 40)));
                    break;
                case 2:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Words[random.Next(Words.Length)]));
                    break;
                case 3:
                    bytes.InsertRange(at, Piece(other));
                    break;
                case 4:
                    bytes.InsertRange(at, Piece([.. bytes]));
                    break;
                default:
                    Line(bytes, Piece(other));
                    break;
            }
        }

        return [.. bytes.Take(20_000)];
    }

    private byte[] Piece(byte[] from)
    {
        var start = random.Next(from.Length + 1);
        return from[start..(start + Math.Min(from.Length - start, random.Next(80)))];
    }

    // A whole line more: what comes before and after it stays whole.
    private static void Line(List<byte> bytes, byte[] line)
    {
        bytes.Add((byte)'\n');
        bytes.AddRange(line);
    }
}
