using System.Text;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.RecordData;

/// <summary>One field of a type's data: how it is written in a zone file and how it lies on the wire.</summary>
internal abstract class DataField(string label)
{
    /// <summary>What people call it: "preference".</summary>
    public string Label { get; } = label;

    /// <summary>Reads the field's words and appends its wire form; false after saying what is wrong.</summary>
    public abstract bool Parse(FieldReader from, List<byte> to);

    /// <summary>Takes the field's bytes and appends its text; false when the bytes have not this shape.</summary>
    public abstract bool Format(ref ReadOnlySpan<byte> from, StringBuilder to);

    /// <summary>Takes so many bytes from the front.</summary>
    protected static bool TryTake(ref ReadOnlySpan<byte> from, int length, out ReadOnlySpan<byte> taken)
    {
        if (from.Length < length)
        {
            taken = default;
            return false;
        }

        taken = from[..length];
        from = from[length..];
        return true;
    }
}
