using Edge.PortMapping;
using Edge.PortMapping.NatPmp;

namespace Edge.Tests.PortMapping;

/// <summary>NAT-PMP: bytes as the figures of RFC 6886 draw them, written out by hand.</summary>
public sealed class Rfc6886Tests
{
    [Fact]
    public void Section_3_2_the_question_for_the_address() => Assert.Equal([0, 0], NatPmpMessage.AddressRequest());

    [Theory]
    [InlineData(MappingProtocol.Udp, 3600, "00010000" + "20fb01bb" + "00000e10")]
    [InlineData(MappingProtocol.Tcp, 3600, "00020000" + "20fb01bb" + "00000e10")]
    [InlineData(MappingProtocol.Tcp, 0, "00020000" + "20fb0000" + "00000000")] // section 3.4
    public void Section_3_3_a_request_for_a_mapping(object protocol, int seconds, string bytes) => Assert.Equal(
        bytes, Convert.ToHexStringLower(NatPmpMessage.MapRequest(new WantedMapping((MappingProtocol)protocol, 8443, 443, "https"), TimeSpan.FromSeconds(seconds))));

    [Fact]
    public void Section_3_2_the_answer_with_the_address()
    {
        var answer = NatPmpMessage.ReadAddress(Convert.FromHexString("00800000" + "00000064" + "05050502"))!;
        Assert.Equal((NatPmpResult.Success, 100u, "5.5.5.2"), (answer.Result, answer.Epoch, answer.Address!.ToString()));
    }

    [Fact]
    public void Section_3_3_the_answer_to_a_request()
    {
        var answer = NatPmpMessage.ReadMap(Convert.FromHexString("00820000" + "00000064" + "20fb01bb" + "00000708"), MappingProtocol.Tcp)!;
        Assert.Equal((NatPmpResult.Success, 100u, 8443, 443, TimeSpan.FromMinutes(30)), (answer.Result, answer.Epoch, answer.Internal, answer.External, answer.Lifetime));
    }

    [Theory]
    [InlineData("00800003" + "00000064" + "00000000", NatPmpResult.NetworkFailure)]
    [InlineData("00800003" + "00000064", NatPmpResult.NetworkFailure)] // section 3.5: only the head
    [InlineData("00800000" + "00000064", null)] // a success without the address
    [InlineData("00000000" + "00000064" + "05050502", null)] // a question
    [InlineData("02800000" + "00000064" + "05050502", null)] // another version
    [InlineData("0080", null)]
    [InlineData("", null)]
    public void Section_3_5_what_is_no_answer_is_none(string bytes, object? result) => Assert.Equal(result, NatPmpMessage.ReadAddress(Convert.FromHexString(bytes))?.Result);

    [Theory]
    [InlineData(1000, 1060, 60, false)]
    [InlineData(1000, 1051, 60, false)]
    [InlineData(1000, 1050, 60, true)] // 1000 + 7/8 of 60 is 1052.5
    [InlineData(1000, 3, 60, true)]
    [InlineData(1000, 9000, 60, false)]
    public void Section_3_6_a_clock_that_is_behind_has_lost_mappings(uint before, uint now, double passed, bool isLost) =>
        Assert.Equal(isLost, RouterEpoch.IsNatPmpForgotten(before, now, passed));
}
