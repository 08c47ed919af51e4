using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.DynamicDns;

/// <summary>Looks up in the zones what became of what was published.</summary>
internal static class Placement
{
    /// <summary>Why a name is not answered with it; null when it is.</summary>
    public static string? Hindrance(DynamicDnsSetup setup, DynamicAddress address)
    {
        var owner = Name.Parse(address.Host);
        return (address is { IPv4: null, IPv6: null } ? null : Hindrance(setup, address, owner))
            ?? (address.Challenges is null || RecordReader.ChallengeName(owner) is not { } challenge ? null : Hindrance(setup, address, challenge));
    }

    private static string? Hindrance(DynamicDnsSetup setup, DynamicAddress address, Name owner)
    {
        var zones = setup.Zones();
        var isAnswered = false;
        for (var view = 0; view < zones.Views.Length; view++)
        {
            ImmutableArray<ResourceRecord> here = [.. zones.Find(view, owner.Wire)?.At(owner).SelectMany(set => set.Records) ?? []];
            if (!here.Any(DynamicRecords.IsOne))
            {
                continue;
            }

            // A lease gives way to nobody here, and beside it two machines would have one name.
            if (here.FirstOrDefault(record => record.Type is RecordType.A or RecordType.AAAA && !DynamicRecords.IsOne(record)) is { } other)
            {
                return $"has another address in the view {zones.Views[view]}: {other.Source}";
            }

            isAnswered |= address.IsForLanOnly || zones.Views[view] != setup.LanView || zones.Views.Length == 1;
        }

        return isAnswered ? null : setup.IsOurs(owner) ? "is declared by somebody else" : "lies in no zone of ours";
    }
}
