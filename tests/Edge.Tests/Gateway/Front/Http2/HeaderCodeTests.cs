using System.Text;
using Edge.Gateway.Front.Http2;
using Xunit;

namespace Edge.Tests.Gateway.Front.Http2;

/// <summary>RFC 7541: how fields are written and read.</summary>
public sealed class HeaderCodeTests
{
    // Appendix C: the blocks follow each other on one connection.
    public static TheoryData<string, string[], string[]> Examples => new()
    {
        { "C.2.1", ["400a637573746f6d2d6b65790d637573746f6d2d686561646572"], ["custom-key: custom-header"] },
        { "C.2.2", ["040c2f73616d706c652f70617468"], [":path: /sample/path"] },
        { "C.2.3", ["100870617373776f726406736563726574"], ["password: secret"] },
        { "C.2.4", ["82"], [":method: GET"] },
        {
            "C.3",
            ["828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865", "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"],
            [":method: GET|:scheme: http|:path: /|:authority: www.example.com", ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value"]
        },
        {
            "C.4",
            ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"],
            [":method: GET|:scheme: http|:path: /|:authority: www.example.com", ":method: GET|:scheme: http|:path: /|:authority: www.example.com|cache-control: no-cache", ":method: GET|:scheme: https|:path: /index.html|:authority: www.example.com|custom-key: custom-value"]
        },
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void The_examples_of_the_standard_are_read(string section, string[] blocks, string[] expected)
    {
        var (decoder, fields) = (new HeaderDecoder(), new FieldList());
        foreach (var (block, said) in blocks.Zip(expected))
        {
            decoder.Decode(Convert.FromHexString(block), fields);
            Assert.True(said == Text(fields), $"{section}: {Text(fields)}");
        }
    }

    [Theory]
    [InlineData("80", "an index of nothing (section 6.1)")]
    [InlineData("be", "an index behind the tables (section 2.3.3)")]
    [InlineData("7e0161", "a name behind the tables")]
    [InlineData("0085", "a string that is not there (section 5.2)")]
    [InlineData("000161", "a value that is not there")]
    [InlineData("00016185f1e3c2", "a string that ends too early")]
    [InlineData("ffffffffffffffffff7f", "an integer that is too large (section 5.1)")]
    [InlineData("ff", "an integer without an end")]
    [InlineData("3fe21f", "a table larger than was agreed (section 4.2)")]
    [InlineData("8220", "a change of the table behind a field (section 4.2)")]
    [InlineData("00016181fe", "padding that is none (section 5.2): zeros")]
    [InlineData("00016182f8ff", "padding of more than seven bits")]
    [InlineData("00016184ffffffff", "the end of string in a string")]
    public void What_is_no_block_ends_the_connection(string block, string why)
    {
        var fault = Assert.Throws<ConnectionFault>(() => new HeaderDecoder().Decode(Convert.FromHexString(block), new FieldList()));
        Assert.True(fault.Code == ErrorCode.Compression, why);
    }

    [Fact]
    public void A_small_block_never_becomes_many_fields()
    {
        // One field of 4,000 bytes that is kept, and then called by one byte each.
        byte[] block = [0x40, 1, (byte)'x', 0x7f, 0xa1, 0x1e, .. new byte[4000], .. Enumerable.Repeat((byte)0xbe, 1000)];
        Assert.Equal(ErrorCode.Protocol, Assert.Throws<ConnectionFault>(() => new HeaderDecoder().Decode(block, new FieldList())).Code);
    }

    // Section 4.4: what is put in pushes out what was there first; what is larger than the table empties it.
    [Fact]
    public void The_table_holds_what_was_kept_last()
    {
        var (decoder, fields) = (new HeaderDecoder(), new FieldList());
        for (var i = 0; i < 500; i++)
        {
            decoder.Decode([0x40, 1, (byte)'n', 3, .. Encoding.ASCII.GetBytes($"{i:D3}")], fields);
            decoder.Decode([0xbe], fields);
            Assert.Equal($"n: {i:D3}", Text(fields));
        }

        // 36 bytes each.
        decoder.Decode([0x80 | 0x7f, 4096 / 36 + 61 - 0x7f], fields);
        Assert.Equal($"n: {500 - (4096 / 36):D3}", Text(fields));
        Assert.Throws<ConnectionFault>(() => decoder.Decode([0x80 | 0x7f, 4096 / 36 + 62 - 0x7f], fields));
        decoder.Decode([0x40, 1, (byte)'x', 0x7f, 0x81, 0x1f, .. new byte[0x1000]], fields);
        Assert.Throws<ConnectionFault>(() => decoder.Decode([0xbe], fields));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var random = new Random(7541);
        for (var i = 0; i < 500; i++)
        {
            var block = new byte[200_000];
            var writer = new FieldWriter(block);
            var name = Enumerable.Range(0, random.Next(1, 300)).Select(_ => (byte)random.Next('a', 'z')).ToArray();
            var value = new byte[random.Next(3) switch { 0 => random.Next(130), 1 => random.Next(300), _ => random.Next(20_000) }];
            random.NextBytes(value);
            writer.NoTable();
            writer.Status(random.Next(100, 600));
            writer.Field(name, value, isSecret: i % 2 == 0);
            writer.Line("Content-Type"u8, value);
            writer.Line("X-Own"u8, value);
            writer.Number(StaticTable.ContentLength, long.MaxValue);
            var fields = new FieldList();
            new HeaderDecoder().Decode(block.AsSpan(0, writer.Length), fields);
            Assert.Equal(5, fields.Count);
            Assert.Equal(value, fields.Value(1).ToArray());
            Assert.Equal(i % 2 == 0, fields.IsSecret(1));
            Assert.Equal("content-type"u8.ToArray(), fields.Name(2).ToArray());
            Assert.Equal("x-own"u8.ToArray(), fields.Name(3).ToArray());
            Assert.Equal(value, fields.Value(3).ToArray());
            Assert.Equal("9223372036854775807"u8.ToArray(), fields.Value(4).ToArray());
            Assert.True(writer.Length <= 100 + (3 * FieldWriter.MostOf(name.Length, value.Length)));
        }
    }

    private static string Text(FieldList fields) =>
        string.Join('|', Enumerable.Range(0, fields.Count).Select(i => $"{Encoding.Latin1.GetString(fields.Name(i))}: {Encoding.Latin1.GetString(fields.Value(i))}"));
}
