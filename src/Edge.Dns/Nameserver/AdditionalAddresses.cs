using System.Runtime.CompilerServices;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Nameserver;

/// <summary>Writes the addresses of the names in a set: of name servers, mail servers and services of the same zone.</summary>
internal ref struct AdditionalAddresses
{
    private readonly ZoneSet _zones;
    private readonly int _view;
    private readonly Zone _zone;
    private readonly bool _referral;
    private AdditionalTrail _written;
    private int _count;

    private AdditionalAddresses(ZoneSet zones, int view, Zone zone, bool referral) => (_zones, _view, _zone, _referral) = (zones, view, zone, referral);

    /// <summary>Adds what belongs to a set of the zone.</summary>
    /// <param name="writer">The answer.</param>
    /// <param name="signer">Signs what is the zone's own; glue is not (RFC 4035 §2.2).</param>
    /// <param name="zones">All zones.</param>
    /// <param name="view">The view that is answered.</param>
    /// <param name="zone">The zone.</param>
    /// <param name="rrset">The set.</param>
    /// <param name="owner">Its owner as the zone has it; a wildcard stays one.</param>
    /// <param name="referral">Whether it is the NS set of a cut, which must not go without its glue.</param>
    public static void Write(ref AnswerWriter writer, ref AnswerSigner signer, ZoneSet zones, int view, Zone zone, in WireRRset rrset, scoped ReadOnlySpan<byte> owner, bool referral)
    {
        // Most sets name nobody; making room for what goes along with the others costs more than such an answer.
        if (RDataNames.AdditionalTargetOffset(rrset.Type) is var offset and >= 0)
        {
            WriteFor(ref writer, ref signer, zones, view, zone, rrset, offset, owner, referral);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void WriteFor(
        ref AnswerWriter writer, ref AnswerSigner signer, ZoneSet zones, int view, Zone zone, in WireRRset rrset, int offset, scoped ReadOnlySpan<byte> owner, bool referral)
    {
        var addresses = new AdditionalAddresses(zones, view, zone, referral);
        if (referral)
        {
            // RFC 9471 §3.1: glue within the delegated zone is required, glue of a sibling is not (§3.2).
            addresses.WriteTargets(ref writer, ref signer, rrset, offset, owner, required: true);
        }

        addresses.WriteTargets(ref writer, ref signer, rrset, offset, owner, required: false);
    }

    private void WriteTargets(ref AnswerWriter writer, ref AnswerSigner signer, in WireRRset rrset, int offset, scoped ReadOnlySpan<byte> owner, bool required)
    {
        var walk = rrset.Records;
        while (WireRRset.TryNext(ref walk, out var data))
        {
            var length = data.Length > offset ? RDataNames.NameLength(data[offset..]) : -1;
            if (length < 0)
            {
                continue;
            }

            scoped var target = data.Slice(offset, length);
            if (length == 1 && rrset.Type is RecordType.SVCB or RecordType.HTTPS)
            {
                // RFC 9460 §2.5: "." stands for the owner itself; what that is, a wildcard does not know.
                if (owner is [1, (byte)'*', ..])
                {
                    continue;
                }

                target = owner;
            }

            if (required == (_referral && NameComparison.IsAtOrBelow(target, owner)))
            {
                WriteAddresses(ref writer, ref signer, rrset.Type, target, required);
            }
        }
    }

    [SkipLocalsInit]
    private void WriteAddresses(ref AnswerWriter writer, ref AnswerSigner signer, RecordType type, scoped ReadOnlySpan<byte> target, bool required)
    {
        // RFC 9462 §4: the addresses of a designated resolver go along, though its name lies in another zone than resolver.arpa.
        // They are not signed: the signer is that of the zone that answers.
        var isElsewhere = !NameComparison.IsAtOrBelow(target, _zone.Origin.Wire);
        if (isElsewhere && type != RecordType.SVCB)
        {
            return;
        }

        Span<byte> starts = stackalloc byte[NameSuffixes.MaxCount];
        Span<int> hashes = stackalloc int[NameSuffixes.MaxCount];
        var name = new NameSuffixes(target, starts, hashes);
        var zone = isElsewhere ? _zones.Find(_view, name) : _zone;
        if (zone is not null && zone.TryFindAddresses(name, _referral, out var node))
        {
            WriteSet(ref writer, ref signer, node, RecordType.A, required, sign: !_referral && !isElsewhere);
            WriteSet(ref writer, ref signer, node, RecordType.AAAA, required, sign: !_referral && !isElsewhere);
        }
    }

    private void WriteSet(ref AnswerWriter writer, ref AnswerSigner signer, ZoneNode node, RecordType type, bool required, bool sign)
    {
        if (!node.TryFind(type, out var set) || HasWritten(set))
        {
            return;
        }

        if (writer.AddAdditional(set, node.OwnerWire, required) && sign)
        {
            signer.SignAdditional(ref writer, set, node.OwnerWire);
        }

        if (_count < AdditionalTrail.Capacity)
        {
            _written[_count++] = set;
        }
    }

    private readonly bool HasWritten(in WireRRset set)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_written[i].IsSame(set))
            {
                return true;
            }
        }

        return false;
    }
}
