using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Multicast;

/// <summary>A publication with the names that it has now, and the records that follow.</summary>
internal sealed class PublishedService
{
    // RFC 6762 §10: two minutes for what depends on a host, 75 for the rest.
    private const uint HostTtl = 120;
    private const uint OtherTtl = 4500;

    /// <param name="declared">What is published.</param>
    /// <param name="numbers">The numbers that names have got already.</param>
    /// <param name="before">What was published of the same label, whose names stay; null for nothing.</param>
    public PublishedService(Publication declared, Func<string, int> numbers, PublishedService? before)
    {
        Declared = declared;
        Host = before?.Host ?? UniqueName.Host(declared.Label, numbers);
        Instances = [.. declared.Instances.Select(instance => before?.Instances.FirstOrDefault(name => name.Type == instance.Type) ?? UniqueName.Instance(declared.Label, instance.Type, numbers))];
    }

    public Publication Declared { get; }

    public UniqueName Host { get; }

    /// <summary>The instances, in the order declared.</summary>
    public ImmutableArray<UniqueName> Instances { get; }

    public IEnumerable<UniqueName> Names => Instances.Prepend(Host);

    /// <summary>What is said of a name by its owner alone.</summary>
    public ImmutableArray<MulticastRecord> Unique(UniqueName name, ImmutableArray<IPAddress> addresses)
    {
        if (ReferenceEquals(name, Host))
        {
            return [.. addresses.Select(address => new MulticastRecord(Host.Current, address.AddressFamily == AddressFamily.InterNetwork ? RecordType.A : RecordType.AAAA, HostTtl, RData.Address(address), true))];
        }

        var instance = Declared.Instances[Instances.IndexOf(name)];
        return
        [
            new MulticastRecord(name.Current, RecordType.SRV, HostTtl, DnsSdNames.Srv(instance.Port, Host.Current), true),
            new MulticastRecord(name.Current, RecordType.TXT, OtherTtl, DnsSdNames.Txt(instance.Text), true),
        ];
    }

    /// <summary>What others may say as well: that there is this instance, of its type and subtypes, and this type (RFC 6763 §4.1, §7.1, §9).</summary>
    public ImmutableArray<MulticastRecord> Shared(UniqueName name)
    {
        if (name.Type is not { } text)
        {
            return [];
        }

        var type = DnsSdNames.Type(text, DnsSdNames.Local);
        return
        [
            new MulticastRecord(type, RecordType.PTR, OtherTtl, RData.Target(name.Current), false),
            new MulticastRecord(DnsSdNames.Types, RecordType.PTR, OtherTtl, RData.Target(type), false),
            .. Declared.Instances[Instances.IndexOf(name)].Subtypes.Select(subtype => new MulticastRecord(DnsSdNames.Subtype(subtype, type), RecordType.PTR, OtherTtl, RData.Target(name.Current), false)),
        ];
    }

    /// <summary>Says that a unique name has no other types (RFC 6762 §6.1).</summary>
    public static MulticastRecord NoOthers(Name name, IEnumerable<MulticastRecord> records) =>
        new(name, RecordType.NSEC, HostTtl, new RData(TypeBitmap.NsecData(name.Wire, records.Select(record => record.Type))), true);
}
