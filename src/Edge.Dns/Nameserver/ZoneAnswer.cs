using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Writes what the zones of one view say: ANSWER, then AUTHORITY, then ADDITIONAL (RFC 1034 §4.3.2). Aliases are
/// followed through all our zones.
/// </summary>
internal static class ZoneAnswer
{
    // Longer chains than people make; whatever is longer ends here, and the client goes on from its last name.
    private const int MaxChain = DnameTrail.Capacity;

    /// <param name="writer">The answer.</param>
    /// <param name="serving">The zones and their signers.</param>
    /// <param name="view">Whose zones.</param>
    /// <param name="query">The question.</param>
    /// <param name="transport">Decides how much ANY gets.</param>
    /// <param name="mayAsk">Whether this client's questions are resolved elsewhere where our zones end.</param>
    /// <param name="target">Room for 255 bytes: the name at which the chain ended.</param>
    /// <param name="targetLength">Bytes used of it.</param>
    [SkipLocalsInit]
    public static ChaseEnd Write(
        ref AnswerWriter writer, ServingSnapshot serving, int view, QueryMessage query, Transport transport, bool mayAsk, scoped Span<byte> target, out int targetLength)
    {
        var signer = new AnswerSigner(serving.Signers, query, transport);
        var end = Follow(ref writer, ref signer, serving, view, query, transport, mayAsk, target, out targetLength);
        signer.WriteProofs(ref writer);
        return end;
    }

    [SkipLocalsInit]
    private static ChaseEnd Follow(
        ref AnswerWriter writer, ref AnswerSigner signer, ServingSnapshot serving, int view, QueryMessage query, Transport transport, bool mayAsk,
        scoped Span<byte> target, out int targetLength)
    {
        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        Span<int> seen = stackalloc int[MaxChain];
        var name = new NameSuffixes(query.Name, starts, hashes);
        targetLength = 0;
        for (var step = 0; ; step++)
        {
            var zone = ZoneFor(serving.Zones, view, name, query.Type);
            if (zone is null)
            {
                return step == 0 ? ChaseEnd.NotOurs : mayAsk ? ChaseEnd.LeftOurZones : ChaseEnd.Answered;
            }

            var found = zone.Lookup(name, query.Type);
            if (found.Kind == LookupKind.Answer && signer.Replaces(zone, query.Type))
            {
                found = new LookupResult(LookupKind.NoData, found.Node, default, found.FromWildcard);
            }

            if (found.Kind == LookupKind.Delegation && mayAsk)
            {
                // This client wants the answer, not the way to it.
                return step == 0 ? ChaseEnd.NotOurs : ChaseEnd.LeftOurZones;
            }

            if (found.Kind == LookupKind.Unresolved)
            {
                // That there is no address would be believed for as long as the SOA says; a failure is asked about again soon.
                writer.Rcode = Rcode.ServFail;
                return ChaseEnd.Answered;
            }

            if (step == 0 && found.Kind != LookupKind.Delegation)
            {
                // AA speaks of the first owner in the answer section (RFC 1035 §4.1.1).
                writer.Flags |= MessageFlags.Authoritative;
            }

            signer.Enter(ref writer, zone);
            signer.ProveNoCloserMatch(ref writer, found, name);
            // The first owner stands in the question: empty means there.
            var owner = step == 0 ? default : name.Wire;
            if (found.Kind is not (LookupKind.Cname or LookupKind.Dname))
            {
                WriteEnd(ref writer, ref signer, serving.Zones, view, zone, found, query, transport, name, owner);
                return ChaseEnd.Answered;
            }

            var next = found.Kind == LookupKind.Cname
                ? FollowCname(ref writer, ref signer, found, owner, target)
                : FollowDname(ref writer, ref signer, found, name, query.Type, target);
            if (next == 0 || step + 1 == MaxChain || IsLoop(seen, step, name.Hash(0), target[..next]))
            {
                return ChaseEnd.Answered;
            }

            targetLength = next;
            name = new NameSuffixes(target[..next], starts, hashes);
        }
    }

    // DS at an apex belongs to the zone above; only when that is not ours, the zone itself says that it has none
    // (RFC 4035 §3.1.4.1).
    private static Zone? ZoneFor(ZoneSet zones, int view, scoped NameSuffixes name, RecordType type)
    {
        var zone = zones.Find(view, name);
        return type == RecordType.DS && zone is not null && !zone.Origin.IsRoot && zone.Origin.LabelCount == name.LabelCount
            ? zones.Find(view, name, from: 1) ?? zone
            : zone;
    }

    private static void WriteEnd(
        ref AnswerWriter writer, ref AnswerSigner signer, ZoneSet zones, int view, Zone zone, LookupResult found, QueryMessage query, Transport transport, scoped NameSuffixes name,
        scoped ReadOnlySpan<byte> owner)
    {
        switch (found.Kind)
        {
            case LookupKind.Answer when !found.RRset.IsEmpty:
                if (writer.AddAnswer(found.RRset, owner))
                {
                    signer.SignAnswer(ref writer, found.RRset, found.Node.OwnerWire, owner);
                }

                signer.WriteProofs(ref writer);
                AdditionalAddresses.Write(ref writer, ref signer, zones, view, zone, found.RRset, found.Node.OwnerWire, referral: false);
                break;
            case LookupKind.Answer:
                WriteAny(ref writer, ref signer, zone, found.Node, transport, owner);
                break;
            case LookupKind.Delegation:
                var cut = found.Node.OwnerWire;
                writer.AddAuthority(found.RRset, cut);
                // DNSSEC's own records go only to those who ask for them with DO (RFC 3225 §3, RFC 4035 §3.1.4).
                if (query.DnssecOk)
                {
                    signer.ProveDelegation(ref writer, found, name);
                    signer.WriteProofs(ref writer);
                }

                AdditionalAddresses.Write(ref writer, ref signer, zones, view, zone, found.RRset, cut, referral: true);
                break;
            case LookupKind.NoData when query.Type is RecordType.RRSIG or RecordType.NSEC && signer.TryAnswer(ref writer, found, name, query.Type, owner):
                break;
            default:
                // The code is that of the last name of the chain (RFC 6604 §3).
                writer.Rcode = found.Kind == LookupKind.NxDomain ? Rcode.NxDomain : Rcode.NoError;
                if (zone.NegativeSoa is { } soa)
                {
                    writer.AddAuthority(soa.Wire, soa.Owner.Wire);
                    signer.SignNegativeSoa(ref writer, soa);
                    signer.ProveAbsence(ref writer, found, name);
                }

                break;
        }
    }

    private static void WriteAny(ref AnswerWriter writer, ref AnswerSigner signer, Zone zone, ZoneNode node, Transport transport, scoped ReadOnlySpan<byte> owner)
    {
        // By type number; ANY over UDP gets one RRset: enough to be an answer, too little to be a weapon (RFC 8482 §4.1).
        var left = transport == Transport.Udp ? 1 : node.SetCount;
        var last = -1;
        while (left > 0)
        {
            var next = -1;
            for (var i = 0; i < node.SetCount; i++)
            {
                next = (int)node.TypeOf(i) > last && (next < 0 || node.TypeOf(i) < node.TypeOf(next)) ? i : next;
            }

            if (next < 0)
            {
                return;
            }

            last = (int)node.TypeOf(next);
            var set = node.Set(next);
            if (signer.Replaces(zone, set.Type))
            {
                continue;
            }

            left--;
            if (writer.AddAnswer(set, owner))
            {
                signer.SignAnswer(ref writer, set, node.OwnerWire, owner);
            }
        }
    }

    private static int FollowCname(ref AnswerWriter writer, ref AnswerSigner signer, LookupResult found, scoped ReadOnlySpan<byte> owner, scoped Span<byte> target)
    {
        writer.AddAnswer(found.RRset, owner);
        signer.SignAnswer(ref writer, found.RRset, found.Node.OwnerWire, owner);
        var wire = found.RRset.FirstData;
        wire.CopyTo(target);
        return wire.Length;
    }

    // RFC 6672 §3.2 step 3c: the DNAME, then the CNAME that it makes for this name.
    private static int FollowDname(ref AnswerWriter writer, ref AnswerSigner signer, LookupResult found, scoped NameSuffixes name, RecordType type, scoped Span<byte> target)
    {
        var dname = found.RRset;
        var owner = found.Node.OwnerWire;
        if (writer.AddDname(dname, owner))
        {
            // The CNAME that follows is not signed: whoever validates makes it from the DNAME again (RFC 6672 §5.3.1).
            signer.SignAnswer(ref writer, dname, owner, owner);
        }

        var prefix = name.Wire.Length - owner.Length;
        var suffix = dname.FirstData;
        if (prefix + suffix.Length > Name.MaxWireLength)
        {
            writer.Rcode = Rcode.YxDomain;
            return 0;
        }

        Span<byte> made = stackalloc byte[Name.MaxWireLength];
        name.Wire[..prefix].CopyTo(made);
        suffix.CopyTo(made[prefix..]);
        made = made[..(prefix + suffix.Length)];
        writer.AddSynthesizedCname(name.Wire, dname.Ttl, made);
        made.CopyTo(target);

        // The CNAME itself is what was asked for, or is enough.
        return type is RecordType.CNAME or RecordType.ANY ? 0 : made.Length;
    }

    private static bool IsLoop(Span<int> seen, int step, int hash, ReadOnlySpan<byte> next)
    {
        seen[step] = hash;
        return seen[..(step + 1)].Contains(NameComparison.Hash(next));
    }
}
