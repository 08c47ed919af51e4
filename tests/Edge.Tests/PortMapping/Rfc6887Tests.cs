using System.Net;
using Edge.PortMapping;
using Edge.PortMapping.Pcp;

namespace Edge.Tests.PortMapping;

/// <summary>PCP: bytes as the figures of RFC 6887 draw them, written out by hand.</summary>
public sealed class Rfc6887Tests
{
    private const string Nonce = "0102030405060708090a0b0c";

    // Version 2, MAP, reserved, lifetime 3600; client ::ffff:192.168.77.2 (figures 2 and 9).
    private const string Request = "02010000" + "00000e10" + "00000000000000000000ffffc0a84d02"
        + Nonce + "06000000" + "20fb01bb" + "00000000000000000000ffff00000000";

    // Version 2, answer to MAP, reserved, success, lifetime 1800, epoch 100, 12 bytes reserved; then the same with 5.5.5.2 (figures 3 and 10).
    private const string Answer = "02810000" + "00000708" + "00000064" + "000000000000000000000000"
        + Nonce + "06000000" + "20fb01bb" + "00000000000000000000ffff05050502";

    private static readonly WantedMapping Wanted = new(MappingProtocol.Tcp, 8443, 443, "https");

    [Fact]
    public void Section_11_1_a_request_for_a_mapping() => Assert.Equal(
        Request, Convert.ToHexStringLower(PcpMessage.MapRequest(IPAddress.Parse("192.168.77.2"), Convert.FromHexString(Nonce), Wanted, TimeSpan.FromHours(1), isExact: false)));

    [Fact]
    public void Section_13_2_rather_none_than_another_port() => Assert.Equal(
        Request + "02000000", Convert.ToHexStringLower(PcpMessage.MapRequest(IPAddress.Parse("192.168.77.2"), Convert.FromHexString(Nonce), Wanted, TimeSpan.FromHours(1), isExact: true)));

    [Fact]
    public void Section_15_1_a_lifetime_of_zero_removes_it() => Assert.Equal(
        "00000000", Convert.ToHexStringLower(PcpMessage.MapRequest(IPAddress.Parse("192.168.77.2"), Convert.FromHexString(Nonce), Wanted, TimeSpan.Zero, isExact: false)[4..8]));

    [Fact]
    public void Section_11_1_an_answer()
    {
        var answer = PcpMessage.ReadMap(Convert.FromHexString(Answer))!;
        Assert.Equal(
            (PcpResult.Success, TimeSpan.FromMinutes(30), 100u, Nonce, MappingProtocol.Tcp, 8443, 443, "5.5.5.2"),
            (answer.Result, answer.Lifetime, answer.Epoch, Convert.ToHexStringLower(answer.Nonce), answer.Protocol, answer.Internal, answer.External, answer.Address!.ToString()));
    }

    [Theory]
    [InlineData("0001000000000000", null)] // NAT-PMP's own answer is for NAT-PMP
    [InlineData("00810001000000640000000000000000", "UnsupportedVersion")] // RFC 6886 section 3.5: a router of NAT-PMP
    [InlineData("0281000b0000001e00000064000000000000000000000000", "CannotProvideExternal")] // an error without the data of the opcode
    [InlineData("028100000000070800000064000000000000000000000000", null)] // a success without it
    [InlineData("02010000000007080000006400000000000000000000000000", null)] // a request
    [InlineData("0282000000000708000000640000000000000000", null)] // PEER
    [InlineData("02", null)]
    [InlineData("", null)]
    public void Section_8_3_what_is_no_answer_is_none(string bytes, string? result) =>
        Assert.Equal(result, PcpMessage.ReadMap(Convert.FromHexString(bytes))?.Result.ToString());

    [Theory]
    [InlineData("0280000000000000000000050000000000000000000000000000", true)]
    [InlineData("0280000300000000000000050000000000000000000000000000", false)]
    [InlineData("0200000000000000000000050000000000000000000000000000", false)]
    [InlineData("028000000000", false)]
    public void Section_14_1_an_announcement(string bytes, bool isOne) => Assert.Equal(isOne, PcpMessage.IsAnnouncement(Convert.FromHexString(bytes)));

    [Theory]
    [InlineData(1000, 1060, 60, false)]
    [InlineData(1000, 999, 0, false)] // a second back is rounding
    [InlineData(1000, 998, 0, true)]
    [InlineData(1000, 5, 60, true)]
    [InlineData(1000, 1055, 60, false)]
    [InlineData(1000, 1030, 60, true)] // it went too slowly
    [InlineData(1000, 1200, 60, true)] // it went too fast
    public void Section_8_5_a_clock_that_went_otherwise_has_lost_mappings(uint before, uint now, double passed, bool isLost) =>
        Assert.Equal(isLost, RouterEpoch.IsPcpForgotten(before, now, passed));
}
