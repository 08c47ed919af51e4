using System.Globalization;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>The zones that Edge and Unbound judge side by side.</summary>
internal static class LabZones
{
    private const string Child = "\nsub NS ns.sub\nns.sub A 127.0.0.2\n";

    private static readonly string Past = DateTime.UtcNow.AddDays(-60).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
    private static readonly string LessPast = DateTime.UtcNow.AddDays(-30).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
    private static readonly string Future = DateTime.UtcNow.AddDays(30).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);
    private static readonly string FarFuture = DateTime.UtcNow.AddDays(60).ToString("yyyyMMddHHmmss", CultureInfo.InvariantCulture);

    public static IReadOnlyList<LabZone> All { get; } =
    [
        new("nsec.lab") { Text = Child },
        new("rsa256.lab", "RSASHA256"),
        new("rsa512.lab", "RSASHA512"),
        new("p384.lab", "ECDSAP384SHA384") { Digest = "-a SHA-384" },
        new("ed25519.lab", "ED25519"),
        new("ed448.lab", "ED448"),
        new("nsec3.lab") { Sign = ["-3", "-", "-H", "0"], Text = Child },
        new("salted.lab") { Sign = ["-3", "AABBCC", "-H", "7"] },
        new("optout.lab") { Sign = ["-3", "-", "-H", "0", "-A"], Text = Child + "deep.a.b NS ns.deep.a.b\nns.deep.a.b A 127.0.0.2\n" },
        new("iterations.lab") { Sign = ["-3", "AB", "-H", "120"] },
        new("expired.lab") { Sign = ["-s", Past, "-e", LessPast] },
        new("future.lab") { Sign = ["-s", Future, "-e", FarFuture] },
        new("twokeys.lab") { Keys = 2 },
        new("unsigned.lab", null),
        new("nods.lab") { Delegation = null },
        new("sub.nsec.lab", null),
        new("sub.nsec3.lab", null),
        new("sub.optout.lab", null),
        new("deep.a.b.optout.lab", null),
        new("wrongkey.lab") { Delegation = static ds => Digits(ds, field: 6, static hex => hex[^8..] + hex[..^8]) },
        new("wrongtag.lab") { Delegation = static ds => Digits(ds, field: 3, static _ => "1") },
        new("unknowndigest.lab") { Delegation = static ds => Digits(ds, field: 5, static _ => "200") },
        new("unknownalgorithm.lab") { Delegation = static ds => Digits(ds, field: 4, static _ => "200"), Spoil = static lines => lines.Select(WithUnknownAlgorithm) },
        new("halfknown.lab") { Delegation = static ds => ds + "\n" + Digits(ds, field: 5, static _ => "200") },
        new("sha1ds.lab") { Digest = "-1" },
        new("sha1downgrade.lab") { Digest = "-1", Delegation = static ds => ds + "\n" + Digits(Digits(ds, 5, static _ => "2"), 6, static hex => hex + hex[..24]) },
        new("nosignature.lab") { Spoil = static lines => lines.Where(line => !IsSignature(line, "A") && !IsSignature(line, "SOA")) },
        new("nokeysignature.lab") { Spoil = static lines => lines.Where(line => !IsSignature(line, "DNSKEY")) },
        new("nothingsigned.lab") { Spoil = static lines => lines.Where(line => !line.Contains(" RRSIG ", StringComparison.Ordinal)) },
        new("nokeys.lab") { Spoil = static lines => lines.Where(line => !line.Contains(" DNSKEY ", StringComparison.Ordinal)) },
        new("nonsec.lab") { Spoil = static lines => lines.Where(line => !line.Contains(" NSEC ", StringComparison.Ordinal)) },
        new("gaps.lab") { Spoil = static lines => lines.Where(line => !line.StartsWith("ns.gaps.lab. 60 IN NSEC ", StringComparison.Ordinal) && !line.StartsWith("*.wild.gaps.lab. 60 IN NSEC ", StringComparison.Ordinal)) },
        new("liar.lab") { Spoil = static lines => lines.Select(static line => line.Contains(" NSEC ", StringComparison.Ordinal) ? line.Replace("IN NSEC ", "IN NSEC zzz.", StringComparison.Ordinal) : line) },
        new("tampered.lab") { Spoil = static lines => lines.Select(static line => line.Replace("192.0.2.", "198.51.100.", StringComparison.Ordinal)) },
        new("liedelegation.lab") { Text = Child, Spoil = static lines => lines.Where(static line => !line.StartsWith("sub.liedelegation.lab. 60 IN NSEC ", StringComparison.Ordinal)) },
        new("sub.liedelegation.lab", null),
        new("corrupt.lab") { Spoil = static lines => lines.Select(static line => IsSignature(line, "A") ? Digits(line, 12, static text => "AAAA" + text[4..]) : line) },
    ];

    /// <summary>What is asked in every zone.</summary>
    public static IReadOnlyList<string> Questions { get; } =
    [
        "@ SOA", "@ NS", "@ A", "@ DNSKEY", "@ DS", "@ MX", "www A", "www TXT", "www AAAA", "www DS", "nothing A", "a.b.c.nothing A", "zz.www A",
        "x.wild A", "x.y.wild TXT", "x.wild MX", "*.wild A", "wild A", "ent A", "host.ent A", "other.ent A", "alias A", "alias MX", "alias CNAME",
        "x.wa A", "host.dn A", "none.dn A", "dn DNAME", "unsigned A", "bad A", "secure A", "lost A", "nsec3alias A", "sub DS", "sub A", "www.sub A", "none.sub A",
        "a.b A", "www.deep.a.b A", "www NSEC", "www ANY", "www RRSIG",
    ];

    /// <summary>The records that every zone has.</summary>
    public static string TextOf(LabZone zone) => $"""
        $ORIGIN {zone.Name}.
        $TTL 300
        @ SOA ns hostmaster 1 7200 900 1209600 60
        @ NS ns
        @ MX 10 WWW
        ns A 127.0.0.2
        www A 192.0.2.1
        www A 192.0.2.3
        www TXT "Hello"
        *.wild A 192.0.2.2
        *.wild TXT "any"
        host.ent A 192.0.2.4
        alias CNAME www
        *.wa CNAME www
        dn DNAME ent
        unsigned CNAME www.unsigned.lab.
        bad CNAME www.expired.lab.
        secure CNAME www.rsa256.lab.
        lost CNAME nothing.nsec.lab.
        nsec3alias CNAME nothing.nsec3.lab.
        {zone.Text}

        """;

    private static bool IsSignature(string line, string type) => line.Contains($" RRSIG {type} ", StringComparison.Ordinal);

    private static string Digits(string line, int field, Func<string, string> change)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        words[field] = change(words[field]);
        return string.Join(' ', words);
    }

    private static string WithUnknownAlgorithm(string line)
    {
        var words = line.Split(' ');
        var place = words.Length > 4 && words[3] == "DNSKEY" ? 6 : words.Length > 4 && words[3] == "RRSIG" ? 5 : -1;
        if (place > 0)
        {
            words[place] = "200";
        }

        return string.Join(' ', words);
    }
}
