using System.Text;
using Edge.Dns.Dnssec;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>The anchors that Edge brings along, and those of a file.</summary>
public sealed class AnchorTests
{
    // The root's keys themselves, as Debian's dns-root-data has them: their digests have to be those that Edge ships.
    private const string Ksk2017 = ". IN DNSKEY 257 3 8 AwEAAaz/tAm8yTn4Mfeh5eyI96WSVexTBAvkMgJzkKTOiW1vkIbzxeF3+/4RgWOq7HrxRixHlFlExOLAJr5emLvN7SWXgnLh4+B5xQlNVz8Og8kvArMtNROxVQuCaSnIDdD5LKyWbRd2n9WGe2R8PzgCmr3EgVLrjyBxWezF0jLHwVN8efS3rCj/EWgvIWgb9tarpVUDK/b58Da+sqqls3eNbuv7pr+eoZG+SrDK6nWeL3c6H5Apxz7LjVc1uTIdsIXxuOLYA4/ilBmSVIzuDWfdRUfhHdY6+cn8HFRm+2hM8AnXGXws9555KrUB5qihylGa8subX2Nn6UwNR1AkUTV74bU=";
    private const string Ksk2024 = ". IN DNSKEY 257 3 8 AwEAAa96jeuknZlaeSrvyAJj6ZHv28hhOKkx3rLGXVaC6rXTsDc449/cidltpkyGwCJNnOAlFNKF2jBosZBU5eeHspaQWOmOElZsjICMQMC3aeHbGiShvZsx4wMYSjH8e7Vrhbu6irwCzVBApESjbUdpWWmEnhathWu1jo+siFUiRAAxm9qyJNg/wOZqqzL/dL/q8PkcRU5oUKEpUge71M3ej2/7CPqpdVwuMoTvoB+ZOT4YeGyxMvHmbrxlFzGOHOijtzN+u1TQNatX2XBuzZNQ1K+s2CXkPIZo7s6JgZyvaBevYtxPvYLw4z9mR7K2vaF18UYH9Z9GNUUeayffKC73PYc=";

    [Theory]
    [InlineData(Ksk2017, 20326, 0)]
    [InlineData(Ksk2024, 38696, 1)]
    public void The_shipped_digests_are_those_of_the_root_s_keys(string dnskey, int tag, int place)
    {
        var key = RecordText.Parse(dnskey);
        Assert.Equal(tag, KeyDigest.TagOf(key.Data.Wire));
        Assert.Equal(Convert.ToHexString(KeyDigest.DelegationSigner(Name.Root.Wire, key.Data.Wire)), Convert.ToHexString(RootAnchors.Records[place].Data.Wire));
        Assert.Equal((Name.Root, RecordType.DS, 2), (RootAnchors.Records[place].Owner, RootAnchors.Records[place].Type, RootAnchors.Records.Length));
    }

    [Fact]
    public void A_file_has_DS_and_DNSKEY_records_with_and_without_TTL()
    {
        var anchors = TrustAnchorFile.Read("anchors", Encoding.UTF8.GetBytes($"""
            ; of our own zone
            corp.example. IN DS 12345 13 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF
            corp.example. 3600 IN DNSKEY 257 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=

            """), out var problems);
        Assert.Empty(problems);
        Assert.Equal([RecordType.DS, RecordType.DNSKEY], anchors.Select(anchor => anchor.Type));
        Assert.Equal(4, RootAnchors.With(anchors).Length);
        Assert.Single(RootAnchors.With([RecordText.Parse(Ksk2024)]));
    }

    [Theory]
    [InlineData("\ncorp.example. IN A 192.0.2.1", "anchors:2: a trust anchor is a DS or a DNSKEY record, and this is A")]
    [InlineData("corp.example. IN DS 1 13 2 00zz", "anchors:1: ")]
    [InlineData("corp.example. IN DNSKEY 385 3 15 l02Woi0iS8Aa25FQkUd9RMzZHJpBoRQwAQEX1SxZJA4=", "anchors:1: this DNSKEY is no key of a zone that is in use")]
    [InlineData("corp.example. IN DS 1 5 2 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", "anchors:1: warning: algorithm 5 is not supported")]
    [InlineData("corp.example. IN DS 1 13 77 00", "anchors:1: warning: digest type 77 is not supported")]
    [InlineData("; nothing", "anchors: there is no trust anchor in it")]
    public void What_is_wrong_is_told_with_its_line(string text, string problem)
    {
        TrustAnchorFile.Read("anchors", Encoding.UTF8.GetBytes(text), out var problems);
        Assert.StartsWith(problem, Assert.Single(problems).ToString(), StringComparison.Ordinal);
    }
}
