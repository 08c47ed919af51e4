using System.Net;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Wire;

public sealed class MessageTests
{
    private static readonly Name Example = Name.Parse("example.com.");

    [Fact]
    public void A_message_written_and_read_again_is_the_same_message()
    {
        var message = Sample();
        Assert.True(Message.TryParse(message.ToArray(), out var read, out var error), error);
        Assert.Equal(message.Id, read.Id);
        Assert.Equal(message.Flags, read.Flags);
        Assert.Equal(message.Rcode, read.Rcode);
        Assert.Equal(message.Questions, read.Questions);
        Assert.Equal(message.Answer, read.Answer);
        Assert.Equal(message.Authority, read.Authority);
        Assert.Equal(message.Additional, read.Additional);
        Assert.True(read.Edns!.DnssecOk);
        Assert.Equal(1232, read.Edns.PayloadSize);
        Assert.Equal(message.Edns!.Options[0].Data.ToArray(), read.Edns.Options[0].Data.ToArray());
    }

    [Fact]
    public void RFC_1035_4_1_4_names_of_old_types_are_compressed_and_RFC_3597_4_those_of_new_types_are_not()
    {
        var message = new Message();
        message.Questions.Add(new Question(Example, RecordType.MX));
        var plain = message.ToArray().Length;
        message.Answer.Add(new ResourceRecord(Example, RecordType.MX, 60, new RData([0, 10, .. Example.Prepend("mail").Wire])));
        var withMx = message.ToArray().Length;
        Assert.Equal(2 + 10 + 2 + 5 + 2, withMx - plain);
        message.Answer.Add(new ResourceRecord(Example, RecordType.SRV, 60, new RData([0, 0, 0, 0, 0, 80, .. Example.Prepend("mail").Wire])));
        Assert.Equal(2 + 10 + 6 + 18, message.ToArray().Length - withMx);
    }

    [Fact]
    public void RFC_1035_4_1_4_a_name_is_never_compressed_with_what_its_buffer_held_before()
    {
        Assert.True(Name.TryParse("c.c.example.com.", Name.Root, out var name, out _));
        var buffer = new byte[512];
        for (var turn = 0; turn < 2; turn++)
        {
            // The second time the buffer holds this very name behind the first of its two equal labels.
            var writer = new MessageWriter(buffer);
            Assert.True(writer.TryWriteName(name.Wire));
            Assert.Equal(name.Wire, buffer.AsSpan(MessageHeader.Length, writer.Position - MessageHeader.Length));
            name.Wire[2..].CopyTo(buffer.AsSpan(MessageHeader.Length + 2));
        }
    }

    [Fact]
    public void RFC_1035_4_1_4_no_pointer_of_a_large_answer_leads_beyond_0x3FFF()
    {
        var message = new Message();
        message.Questions.Add(new Question(Example, RecordType.NS));
        for (var i = 0; i < 2000; i++)
        {
            message.Answer.Add(new ResourceRecord(Example.Prepend($"a{i % 977}"), RecordType.NS, 60, RData.Target(Example.Prepend($"ns{i}"))));
        }

        var wire = message.ToArray();
        Assert.InRange(wire.Length, 0x4000, Message.MaxLength);
        Assert.True(Message.TryParse(wire, out var read, out var error), error);
        Assert.Equal(message.Answer, read.Answer);
    }

    [Fact]
    public void RFC_2181_9_what_does_not_fit_is_left_out_whole_with_TC_and_OPT_stays()
    {
        var message = Sample();
        for (var i = 0; i < 60; i++)
        {
            message.Answer.Add(new ResourceRecord(Example, RecordType.A, 60, RData.Address(new IPAddress(i + 0x01000000L))));
        }

        var buffer = new byte[512];
        var length = message.Write(buffer);
        Assert.True(Message.TryParse(buffer.AsSpan(0, length), out var read, out var error), error);
        Assert.True(read.Flags.HasFlag(MessageFlags.Truncated));
        Assert.NotNull(read.Edns);
        Assert.Empty(read.Authority);
    }

    public static TheoryData<string, string> Malformed => new()
    {
        { "pointer to itself", "0001 0100 0001 0000 0000 0000 C00C 0001 0001" },
        { "two pointers in a ring", "0001 0100 0001 0000 0000 0000 C00E C00C 0001 0001" },
        { "forward pointer", "0001 0100 0001 0000 0000 0000 C012 0001 0001 00" },
        { "pointer into the header", "0001 0100 0001 0000 0000 0000 C000 0001 0001" },
        { "label type 01", "0001 0100 0001 0000 0000 0000 4161 00 0001 0001" },
        { "label beyond the end", "0001 0100 0001 0000 0000 0000 3F61" },
        { "no question where one is announced", "0001 0100 0001 0000 0000 0000" },
        { "eleven bytes", "0001 0100 0001 0000 0000 00" },
        { "a CNAME that ends before its name does", "0001 8000 0000 0001 0000 0000 00 0005 0001 00000000 0002 0361" },
    };

    [Theory]
    [MemberData(nameof(Malformed))]
    public void A_malformed_message_is_refused_with_words(string what, string hex)
    {
        Assert.False(Message.TryParse(Convert.FromHexString(hex.Replace(" ", "")), out _, out var error), what);
        Assert.False(string.IsNullOrEmpty(error));
    }

    [Fact]
    public void A_name_that_unfolds_to_more_than_255_bytes_is_refused()
    {
        var wire = new List<byte>(Convert.FromHexString("000101000002000000000000"));
        for (var i = 0; i < 4; i++)
        {
            wire.Add(60);
            wire.AddRange(Enumerable.Repeat((byte)'a', 60));
        }

        wire.AddRange([0, 0, 1, 0, 1]);
        wire.Add(60);
        wire.AddRange(Enumerable.Repeat((byte)'b', 60));
        wire.AddRange([0xC0, 12, 0, 1, 0, 1]);
        Assert.False(Message.TryParse(wire.ToArray(), out _, out _));
    }

    [Fact]
    public void Names_in_data_arrive_uncompressed()
    {
        var hex = "0001 8000 0001 0001 0000 0000 03 777777 07 6578616D706C65 00 0021 0001 C00C 0021 0001 0000003C 0008 0000 0000 0050 C010";
        Assert.True(Message.TryParse(Convert.FromHexString(hex.Replace(" ", "")), out var message, out var error), error);
        Assert.Equal([0, 0, 0, 0, 0, 80, .. Name.Parse("example.").Wire], message.Answer[0].Data.Wire.ToArray());
    }

    private static Message Sample()
    {
        var message = new Message
        {
            Id = 4711,
            Flags = MessageFlags.Response | MessageFlags.Authoritative | MessageFlags.RecursionDesired,
            Rcode = Rcode.BadVers,
            Edns = new Edns(1232, DnssecOk: true) { Options = [EdnsOption.ExtendedError(ExtendedErrorCode.NotReady, "starting")] },
        };
        message.Questions.Add(new Question(Name.Parse("wWw.ExAmple.com."), RecordType.A));
        message.Answer.Add(new ResourceRecord(Name.Parse("www.example.com."), RecordType.CNAME, 300, RData.Target(Name.Parse("host.example.com."))));
        message.Authority.Add(new ResourceRecord(Example, RecordType.SOA, 300,
            RData.Soa(Example.Prepend("ns"), Example.Prepend("hostmaster"), 1, 2, 3, 4, 5)));
        message.Additional.Add(new ResourceRecord(Example.Prepend("ns"), RecordType.A, 300, RData.Address(IPAddress.Loopback)));
        return message;
    }
}
