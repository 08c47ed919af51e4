using Edge.Dns.Wire;

namespace Edge.Dns.Tests.Reference;

/// <summary>
/// RFC 1034 §4.3.2 word for word, with what RFC 4592, RFC 6672 and RFC 4035 §3.1.4.1 changed in it: slow, and with no
/// thought shared with the engine, which has to say the same.
/// </summary>
internal sealed class ReferenceServer(IEnumerable<ReferenceZone> zones)
{
    private const int LongestChain = 16;

    private readonly List<ReferenceZone> _zones = [.. zones];

    public ReferenceAnswer Ask(string name, string type)
    {
        var answer = new ReferenceAnswer();
        var asked = new List<string>();
        for (var qname = name; ;)
        {
            asked.Add(qname);
            if (ZoneFor(qname, type) is not { } zone)
            {
                if (asked.Count == 1)
                {
                    (answer.Rcode, answer.Authoritative) = (Rcode.Refused, false);
                }

                return answer;
            }

            var next = Match(zone, qname, type, answer);
            if (next is null || asked.Contains(next) || asked.Count == LongestChain)
            {
                return answer;
            }

            qname = next;
        }
    }

    // Step 2: the zone that is the nearest ancestor; DS of an apex is a matter of the zone above (RFC 4035 §3.1.4.1).
    private ReferenceZone? ZoneFor(string qname, string type)
    {
        var enclosing = _zones.Where(zone => ReferenceZone.IsAtOrBelow(qname, zone.Origin)).OrderByDescending(zone => zone.Origin.Length).ToList();
        return type == "ds" && enclosing.Count > 1 && enclosing[0].Origin == qname ? enclosing[1] : enclosing.FirstOrDefault();
    }

    // Step 3: down from the apex, label by label. Returns the name to go on with at step 1.
    private static string? Match(ReferenceZone zone, string qname, string type, ReferenceAnswer answer)
    {
        var node = zone.Origin;
        while (node != qname)
        {
            var below = qname[..^(node.Length + 1)];
            var child = below[(below.LastIndexOf('.') + 1)..] + "." + node;
            if (!zone.Exists(child))
            {
                return NoSuchLabel(zone, node, qname, type, answer);
            }

            node = child;
            if (zone.IsCut(node) && !(node == qname && type == "ds"))
            {
                Refer(zone, node, answer);
                return null;
            }
        }

        return Copy(zone, node, qname, type, answer);
    }

    // Step 3b.
    private static void Refer(ReferenceZone zone, string cut, ReferenceAnswer answer)
    {
        answer.Authoritative &= answer.Answer.Count > 0;
        answer.Authority.UnionWith(zone.RRset(cut, "ns", cut));
        foreach (var target in zone.Lines.Where(line => line.Owner == cut && line.Type == "ns").Select(line => line.Target!))
        {
            var glue = Addresses(zone, target);
            answer.AllowedAdditional.UnionWith(glue);
            if (ReferenceZone.IsAtOrBelow(target, cut))
            {
                answer.RequiredAdditional.UnionWith(glue);
            }
        }
    }

    // Step 3c, first RFC 6672 §3.2, then RFC 4592 §3.3.1.
    private static string? NoSuchLabel(ReferenceZone zone, string encloser, string qname, string type, ReferenceAnswer answer)
    {
        if (zone.Lines.FirstOrDefault(line => line.Owner == encloser && line.Type == "dname") is { } dname)
        {
            answer.Answer.Add(dname.ToString());
            var made = qname[..^encloser.Length] + dname.Data;
            if (made.Length + 1 > 255)
            {
                answer.Rcode = Rcode.YxDomain;
                return null;
            }

            answer.Answer.Add(new RecordLine(qname, dname.Ttl, "cname", made).ToString());
            return type is "cname" or "any" ? null : made;
        }

        if (zone.Exists("*." + encloser))
        {
            return Copy(zone, "*." + encloser, qname, type, answer);
        }

        // RFC 6604 §3: the code is that of the last name of the chain.
        answer.Rcode = Rcode.NxDomain;
        answer.Authority.Add(zone.NegativeSoa());
        return null;
    }

    // Step 3a.
    private static string? Copy(ReferenceZone zone, string node, string qname, string type, ReferenceAnswer answer)
    {
        var types = zone.Lines.Where(line => line.Owner == node).Select(line => line.Type).Distinct().ToList();
        var alias = types.Contains("cname") && type is not ("cname" or "any" or "rrsig" or "nsec");
        if (!alias && !types.Contains(type) && (type != "any" || types.Count == 0))
        {
            answer.Authority.Add(zone.NegativeSoa());
            return null;
        }

        foreach (var wanted in types.Where(one => alias ? one == "cname" : type == "any" || one == type))
        {
            answer.Answer.UnionWith(zone.RRset(node, wanted, qname));
        }

        foreach (var target in zone.Lines.Where(line => line.Owner == node && line.Type == type).Select(line => line.Target))
        {
            // Below a cut there is glue, and glue is for referrals only.
            answer.AllowedAdditional.UnionWith(target is null || zone.IsHandedAway(target) ? [] : Addresses(zone, target));
        }

        return alias ? zone.Lines.First(line => line.Owner == node && line.Type == "cname").Data : null;
    }

    private static List<string> Addresses(ReferenceZone zone, string name) => [.. zone.RRset(name, "a", name), .. zone.RRset(name, "aaaa", name)];
}
