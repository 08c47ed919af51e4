using System.Buffers.Binary;
using Edge.Dns.Dnssec;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>The fields of an RRSIG record (RFC 4034 §3.1).</summary>
internal sealed class SignatureRecord
{
    private const int FixedLength = 18;

    private SignatureRecord(ResourceRecord record, int signerLength)
    {
        var data = record.Data.Wire;
        Record = record;
        Covered = (RecordType)BinaryPrimitives.ReadUInt16BigEndian(data);
        Algorithm = data[2];
        Labels = data[3];
        OriginalTtl = BinaryPrimitives.ReadUInt32BigEndian(data[4..]);
        Expiration = BinaryPrimitives.ReadUInt32BigEndian(data[8..]);
        Inception = BinaryPrimitives.ReadUInt32BigEndian(data[12..]);
        KeyTag = BinaryPrimitives.ReadUInt16BigEndian(data[16..]);
        Signer = Name.FromWire(data.Slice(FixedLength, signerLength));
        // RFC 4034 §3.1.8.1: the signer's name is a part of what is signed, in lower case.
        Head = [.. data[..FixedLength], .. CanonicalForm.Lowered(Signer.Wire)];
        Signature = data[(FixedLength + signerLength)..].ToArray();
    }

    public RecordType Covered { get; }

    public byte Algorithm { get; }

    public byte Labels { get; }

    public uint OriginalTtl { get; }

    public uint Expiration { get; }

    public uint Inception { get; }

    public ushort KeyTag { get; }

    public Name Signer { get; }

    /// <summary>All before the signature, as it is signed.</summary>
    public byte[] Head { get; }

    public byte[] Signature { get; }

    /// <summary>As it came.</summary>
    public ResourceRecord Record { get; }

    /// <summary>Reads one; null when the data is none.</summary>
    public static SignatureRecord? Read(ResourceRecord record)
    {
        var data = record.Data.Wire;
        var length = data.Length <= FixedLength ? -1 : RDataNames.NameLength(data[FixedLength..]);
        return length < 0 ? null : new SignatureRecord(record, length);
    }
}
