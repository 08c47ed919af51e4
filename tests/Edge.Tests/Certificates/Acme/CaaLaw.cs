using System.Text;
using Edge.Certificates;
using Edge.Dns.Wire;

namespace Edge.Tests.Certificates.Acme;

/// <summary>What a CA concludes from the CAA records of our zones (RFC 8659 §3 and §4, RFC 8657 §3 and §4), written apart from what writes them.</summary>
internal sealed class CaaLaw(OwnZones zones, string identity)
{
    public bool MayIssue(string name, Uri account, string challenge)
    {
        var wildcard = name.StartsWith("*.", StringComparison.Ordinal);
        for (var owner = Name.Parse(wildcard ? name[2..] : name); !owner.IsRoot; owner = owner.Parent!)
        {
            var set = (zones.Look(owner, RecordType.CAA).LastOrDefault()?.RRsets ?? []).Where(set => set.Type == RecordType.CAA).SelectMany(set => set.Data).Select(Read).ToList();
            if (set.Count > 0)
            {
                // §4.3: "issuewild" stands in place of "issue" for a wildcard, where there is one.
                var tag = wildcard && set.Any(property => property.Tag == "issuewild") ? "issuewild" : "issue";
                return set.Where(property => property.Tag == tag).Any(property => Allows(property.Value, account, challenge));
            }
        }

        return true;
    }

    private bool Allows(string value, Uri account, string challenge)
    {
        var parts = value.Split(';', StringSplitOptions.TrimEntries);
        var parameters = parts[1..].Select(part => part.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);
        return parts[0] == identity
            && (!parameters.TryGetValue("accounturi", out var only) || only == account.OriginalString)
            && (!parameters.TryGetValue("validationmethods", out var methods) || methods.Split(',').Contains(challenge));
    }

    private static (string Tag, string Value) Read(RData data) =>
        (Encoding.ASCII.GetString(data.Wire.Slice(2, data.Wire[1])), Encoding.ASCII.GetString(data.Wire[(2 + data.Wire[1])..]));
}
