namespace Edge.Gateway.Front;

/// <summary>Where a field line of a request's head lies, in bytes from the front of the head.</summary>
/// <param name="Start">Where its name begins.</param>
/// <param name="NameLength">How long its name is, which a colon follows.</param>
/// <param name="ValueStart">Where its value begins.</param>
/// <param name="ValueLength">How long its value is, without the spaces around it.</param>
/// <param name="Kind">What becomes of it.</param>
internal readonly record struct FieldLine(ushort Start, ushort NameLength, ushort ValueStart, ushort ValueLength, FieldKind Kind)
{
    public ReadOnlySpan<byte> NameIn(ReadOnlySpan<byte> head) => head.Slice(Start, NameLength);

    public ReadOnlySpan<byte> ValueIn(ReadOnlySpan<byte> head) => head.Slice(ValueStart, ValueLength);
}
