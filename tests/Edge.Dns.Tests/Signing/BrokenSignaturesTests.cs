using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>A primary may send any bytes as signatures and proofs: its zone is answered all the same.</summary>
public sealed class BrokenSignaturesTests
{
    private const string Owner = "0123456789abcdefghijklmnopqrstuv.example.com.";

    public static TheoryData<string, string, RecordType, byte[]> Broken => new()
    {
        { "a signature of no bytes", "example.com.", RecordType.RRSIG, [] },
        { "a signature of one byte", "example.com.", RecordType.RRSIG, [0] },
        { "a signature of its type alone", "example.com.", RecordType.RRSIG, [0, 6] },
        { "NSEC of no bytes", "example.com.", RecordType.NSEC, [] },
        { "NSEC3 of no bytes", Owner, RecordType.NSEC3, [] },
        { "NSEC3 of one byte", Owner, RecordType.NSEC3, [1] },
        { "NSEC3 without a next name", Owner, RecordType.NSEC3, [1, 0, 0, 0, 0] },
        { "NSEC3 that no hash owns", "zz.example.com.", RecordType.NSEC3, [1, 0, 0, 0, 0, 1, 7] },
        { "NSEC3PARAM of no bytes", "example.com.", RecordType.NSEC3PARAM, [] },
        { "NSEC3PARAM whose salt is not there", "example.com.", RecordType.NSEC3PARAM, [1, 0, 0, 0, 255] },
        { "NSEC3PARAM with more salt than it says", "example.com.", RecordType.NSEC3PARAM, [1, 0, 0, 0, 0, .. new byte[600]] },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void It_is_answered_without_what_cannot_be_read(string what, string owner, RecordType type, byte[] data)
    {
        var records = SignedZones.Records(SignedZones.Text).ToList();
        records.Add(new ResourceRecord(SignedZones.Origin, RecordType.RRSIG, 300, new RData([0, 6, .. new byte[40]])));
        // Good parameters and a good record beside the broken one, which then counts.
        if (type == RecordType.NSEC3)
        {
            records.Add(new ResourceRecord(SignedZones.Origin, RecordType.NSEC3PARAM, 300, new RData([1, 0, 0, 0, 0])));
            records.Add(new ResourceRecord(Name.Parse("v" + Owner[1..]), RecordType.NSEC3, 300, new RData([1, 0, 0, 0, 0, 20, .. new byte[20]])));
        }

        records.Add(new ResourceRecord(Name.Parse(owner), type, 300, new RData(data)));
        var server = new SignedServer();
        server.Signers = SignerSet.None;
        var zone = Zone.Build(SignedZones.Origin, [.. records]);
        server.Zones = new ZoneSet(["lan", "public"], [[zone], [zone]]);
        foreach (var (name, question) in ((string, string)[])[("web.example.com.", "A"), ("gone.example.com.", "A"), ("web.example.com.", "TXT"), ("x.wild.example.com.", "A"), ("a.sub.example.com.", "A"), ("example.com.", "SOA"), ("example.com.", "ANY")])
        {
            var answer = server.Raw(TestNameserver.Query(name, question, new Edns(1232, true)), Transport.Tcp);
            Assert.True(answer.Length > 0 && (answer[3] & 15) is 0 or 3, $"{what}: {name} {question}");
        }
    }
}
