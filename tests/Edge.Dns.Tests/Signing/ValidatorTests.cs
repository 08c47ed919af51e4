using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>What validators of other people say of our answers: delv with the key as its anchor, Unbound with the DS, in both views.</summary>
public sealed class ValidatorTests
{
    // What is asked, and what of it must be seen in the answer; nothing for what is not there.
    private static readonly (string Name, string Type, string? Seen)[] Questions =
    [
        ("web.example.com", "A", ".8"),
        ("WEB.Example.com", "AAAA", "2001:db8::80"),
        ("example.com", "SOA", "hostmaster"),
        ("example.com", "DNSKEY", "257 3"),
        ("example.com", "CDS", "CDS"),
        ("example.com", "MX", "mail"),
        ("srv.example.com", "SRV", "443"),
        ("odd.example.com", "TYPE65280", "0A0B0C"),
        ("long.example.com", "TXT", "kept"),
        ("www.example.com", "A", ".8"),
        ("any.wild.example.com", "A", ".81"),
        ("a.b.any.wild.example.com", "TXT", "any name"),
        ("b.any.wild.example.com", "AAAA", null),
        ("x.alias.example.com", "A", ".8"),
        ("x.alias.example.com", "TXT", null),
        ("host.moved.example.com", "A", ".82"),
        ("x.moved.example.com", "A", ".81"),
        ("x.moved.example.com", "AAAA", null),
        ("moved.example.com", "DNAME", "wild"),
        ("moved.example.com", "A", null),
        ("gone.example.com", "A", null),
        ("a.b.c.gone.example.com", "A", null),
        ("x.web.example.com", "A", null),
        ("0.example.com", "A", null),
        ("zzz.example.com", "TXT", null),
        ("b.example.com", "A", null),
        ("a.b.example.com", "A", null),
        ("x.a.b.example.com", "A", null),
        ("deep.a.b.example.com", "TXT", null),
        ("web.example.com", "TXT", null),
        ("secure.example.com", "DS", "12345"),
        ("sub.example.com", "DS", null),
        ("x.host.wild.example.com", "A", null),
        ("*.wild.example.com", "A", ".81"),
        ("*.wild.example.com", "AAAA", null),
        ("*.gone.example.com", "A", null),
        ("q.went.example.com", "A", null),
        ("*.went.example.com", "A", null),
        ("q.foo.*.went.example.com", "A", null),
        (@"w\000.wild.example.com", "A", ".81"),
    ];

    public static TheoryData<DenialMode, SigningAlgorithm, bool, string> Ways => new()
    {
        { DenialMode.Compact, SigningAlgorithm.EcdsaP256Sha256, false, "127.0.0.1" },
        { DenialMode.Compact, SigningAlgorithm.EcdsaP256Sha256, true, "127.0.0.2" },
        { DenialMode.Compact, SigningAlgorithm.Ed25519, false, "127.0.0.2" },
        { DenialMode.Nsec, SigningAlgorithm.EcdsaP256Sha256, false, "127.0.0.2" },
        { DenialMode.Nsec, SigningAlgorithm.Ed25519, true, "127.0.0.1" },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Delv_accepts_every_answer(DenialMode denial, SigningAlgorithm algorithm, bool split, string from)
    {
        await using var server = new SignedServer(denial, algorithm, split).Listen();
        using var anchors = new AnchorFile(server.Anchors);
        foreach (var (name, type, seen) in Questions)
        {
            var output = anchors.Delv(server.Port, from, name, type);
            Assert.True(output.Contains("fully validated", StringComparison.Ordinal) && !output.Contains("unsigned", StringComparison.Ordinal), $"{name} {type}: {output}");
            Assert.True(seen is null ? output.Contains("negative response", StringComparison.Ordinal) || output.Contains("ncache nx", StringComparison.Ordinal) : output.Contains(seen, StringComparison.OrdinalIgnoreCase), $"{name} {type}: {output}");
        }

        Assert.Contains(from == "127.0.0.1" ? "192.168.1.80" : "192.0.2.80", anchors.Delv(server.Port, from, "web.example.com", "A"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Unbound_accepts_every_answer(DenialMode denial, SigningAlgorithm algorithm, bool split, string from)
    {
        await using var server = new SignedServer(denial, algorithm, split).Listen();
        using var resolver = new ValidatingResolver(server.Port, server.Ds, from);
        foreach (var (name, type, seen) in Questions)
        {
            var output = resolver.Ask(name, type);
            Assert.True(output.Contains("status: NOERROR", StringComparison.Ordinal) || (seen is null && output.Contains("status: NXDOMAIN", StringComparison.Ordinal)), $"{name} {type}: {output}{resolver.Log}");
            Assert.True(output.Split('\n').Any(line => line.StartsWith(";; flags:", StringComparison.Ordinal) && line.Contains(" ad", StringComparison.Ordinal)), $"{name} {type} is not validated: {output}{resolver.Log}");
            Assert.True(seen is null || output.Contains(seen, StringComparison.OrdinalIgnoreCase), $"{name} {type}: {output}");
        }
    }

    [Theory]
    [InlineData("web.example.com", "A", "web.example.com.", RecordType.A)]
    [InlineData("any.wild.example.com", "A", "*.wild.example.com.", RecordType.A)]
    [InlineData("x.moved.example.com", "A", "moved.example.com.", RecordType.DNAME)]
    [InlineData("web.example.com", "A", "example.com.", RecordType.DNSKEY)]
    public async Task Both_refuse_an_answer_in_which_one_bit_of_a_signature_is_another(string name, string type, string owner, RecordType covered)
    {
        await using var server = new SignedServer().Listen();
        server.Spoil(owner, covered);
        using var anchors = new AnchorFile(server.Anchors);
        Assert.DoesNotContain("fully validated", anchors.Delv(server.Port, "127.0.0.2", name, type));
        using var resolver = new ValidatingResolver(server.Port, server.Ds, "127.0.0.2");
        Assert.Contains("status: SERVFAIL", resolver.Ask(name, type));
    }
}
