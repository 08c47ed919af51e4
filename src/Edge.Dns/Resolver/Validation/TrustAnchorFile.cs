using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A file of trust anchors: DS and DNSKEY records as in a zone file, of the root or of private zones.</summary>
public static class TrustAnchorFile
{
    // Files of anchors carry no TTL. The line before the first is ours.
    private const string Before = "$TTL 86400\n";

    /// <summary>Reads the anchors of a file.</summary>
    /// <param name="path">Its path as the user knows it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="problems">All that is wrong; with an error among it the file is not to be used.</param>
    public static ImmutableArray<ResourceRecord> Read(string path, ReadOnlySpan<byte> content, out ImmutableArray<ZoneProblem> problems)
    {
        var result = ZoneFileParser.Parse(path, (byte[])[.. Encoding.ASCII.GetBytes(Before), .. content], Name.Root);
        var found = result.Problems.Select(problem => problem with { Line = Math.Max(0, problem.Line - 1) }).ToList();
        var records = result.Records.Select(record => record with { Source = new RecordSource(path, record.Source.Line - 1) }).ToImmutableArray();
        found.AddRange(records.Select(Objection).OfType<ZoneProblem>());
        if (records.IsEmpty && found.Count == 0)
        {
            found.Add(new ZoneProblem(path, 0, "there is no trust anchor in it", "write the DS records of the zone, one a line: \"corp.example. DS 12345 13 2 0123…\""));
        }

        problems = [.. found];
        return records;
    }

    private static ZoneProblem? Objection(ResourceRecord record)
    {
        var wire = record.Data.Wire;
        var (line, path) = (record.Source.Line, record.Source.Where!);
        if (record.Type is not (RecordType.DS or RecordType.DNSKEY))
        {
            return new ZoneProblem(path, line, $"a trust anchor is a DS or a DNSKEY record, and this is {RecordText.FormatType(record.Type)}", "take the line out");
        }

        if (record.Type == RecordType.DNSKEY)
        {
            return ZoneSigningKey.Read(record.Data) is not { IsZoneKey: true, IsRevoked: false } key
                ? new ZoneProblem(path, line, "this DNSKEY is no key of a zone that is in use", "its flags are 257 or 256, its protocol is 3")
                : PublicKey.Knows(key.Algorithm) ? null : Unsupported(path, line, $"algorithm {key.Algorithm}");
        }

        return wire.Length <= KeyDigest.HeadLength ? new ZoneProblem(path, line, "this DS has no digest", "copy the whole record")
            : !PublicKey.Knows(wire[2]) ? Unsupported(path, line, $"algorithm {wire[2]}")
            : !KeyDigest.Knows(wire[3]) ? Unsupported(path, line, $"digest type {wire[3]}")
            : null;
    }

    private static ZoneProblem Unsupported(string path, int line, string what) => new(
        path, line, $"{what} is not supported here: a zone with no other anchor counts as unsigned", "use a key of algorithm 8, 10, 13, 14, 15 or 16 and a digest of type 2 or 4", ZoneProblemSeverity.Warning);
}
