using System.Diagnostics.CodeAnalysis;

namespace Edge.Dns.Wire;

/// <summary>
/// A fully qualified domain name in wire form: length-prefixed labels up to and including the root's zero byte
/// (RFC 1035 §3.1), 1 to 255 bytes, case as it was written. Equality, order and hash ignore ASCII case and
/// nothing else: labels are 8-bit clean (RFC 4343 §3).
/// </summary>
public sealed class Name : IEquatable<Name>, IComparable<Name>
{
    /// <summary>Longest name on the wire in bytes (RFC 1035 §2.3.4).</summary>
    public const int MaxWireLength = 255;

    /// <summary>Longest label in bytes (RFC 1035 §2.3.4).</summary>
    public const int MaxLabelLength = 63;

    /// <summary>The root, ".".</summary>
    public static readonly Name Root = new([0]);

    private readonly byte[] _wire;
    private readonly int _hash;

    private Name(byte[] wire)
    {
        _wire = wire;
        _hash = NameComparison.Hash(wire);
        for (var i = 0; wire[i] != 0; i += wire[i] + 1)
        {
            LabelCount++;
        }
    }

    /// <summary>The wire form, with the root's zero byte at its end.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>The wire form as memory; the same bytes as <see cref="Wire"/>.</summary>
    public ReadOnlyMemory<byte> WireMemory => _wire;

    /// <summary>Number of labels without the root: 0 for ".", 2 for "example.com.".</summary>
    public int LabelCount { get; }

    /// <summary>True for ".".</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>True when the leftmost label is exactly "*" (RFC 4592 §2.1.1).</summary>
    public bool IsWildcard => _wire.Length > 2 && _wire[0] == 1 && _wire[1] == (byte)'*';

    /// <summary>The name without its leftmost label; the root is its own parent's end and returns null.</summary>
    public Name? Parent => IsRoot ? null : new Name(_wire[(_wire[0] + 1)..]);

    /// <summary>The bytes of the leftmost label; empty for the root.</summary>
    public ReadOnlySpan<byte> FirstLabel => _wire.AsSpan(1, _wire[0]);

    /// <summary>Copies a name already in uncompressed wire form.</summary>
    /// <exception cref="FormatException">The bytes are not exactly one uncompressed name.</exception>
    public static Name FromWire(ReadOnlySpan<byte> wire)
    {
        var i = 0;
        while (true)
        {
            if (i >= wire.Length || wire[i] > MaxLabelLength || i >= MaxWireLength)
            {
                throw new FormatException("not an uncompressed domain name of at most 255 bytes");
            }

            if (wire[i] == 0)
            {
                return i + 1 == wire.Length ? new Name(wire.ToArray()) : throw new FormatException("bytes after the end of the name");
            }

            i += wire[i] + 1;
        }
    }

    /// <summary>Reads a name as people write it; a missing trailing dot is taken as given, so the name is absolute either way.</summary>
    /// <exception cref="FormatException">The text is not a domain name.</exception>
    public static Name Parse(string text) =>
        TryParse(text, Root, out var name, out var error) ? name : throw new FormatException($"\"{text}\": {error}");

    /// <summary>
    /// Reads the master-file form of a name (RFC 1035 §5.1): <c>\DDD</c> and <c>\X</c> escapes, "@" for the origin,
    /// and the origin appended where the trailing dot is missing.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> text, Name origin, [NotNullWhen(true)] out Name? name, [NotNullWhen(false)] out string? error) =>
        NameText.TryParse(text, origin, out name, out error);

    /// <summary>True when this name is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsAtOrBelow(Name ancestor)
    {
        var skip = LabelCount - ancestor.LabelCount;
        if (skip < 0)
        {
            return false;
        }

        var i = 0;
        for (; skip > 0; skip--)
        {
            i += _wire[i] + 1;
        }

        return NameComparison.Equal(_wire.AsSpan(i), ancestor._wire);
    }

    /// <summary>This name with one more label in front.</summary>
    /// <exception cref="FormatException">The label or the result is too long.</exception>
    public Name Prepend(ReadOnlySpan<byte> label)
    {
        if (label.Length is 0 or > MaxLabelLength || _wire.Length + label.Length + 1 > MaxWireLength)
        {
            throw new FormatException("the label or the name would be too long");
        }

        var wire = new byte[_wire.Length + label.Length + 1];
        wire[0] = (byte)label.Length;
        label.CopyTo(wire.AsSpan(1));
        _wire.CopyTo(wire, label.Length + 1);
        return new Name(wire);
    }

    /// <summary>This name with one more label in front, given as ASCII text.</summary>
    public Name Prepend(string label) => Prepend(System.Text.Encoding.ASCII.GetBytes(label));

    /// <inheritdoc/>
    public bool Equals(Name? other) => other is not null && _hash == other._hash && NameComparison.Equal(_wire, other._wire);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Name);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>Canonical DNS order (RFC 4034 §6.1): by label from the right, lower case, shorter first.</summary>
    public int CompareTo(Name? other) => other is null ? 1 : NameComparison.Canonical(_wire, other._wire);

    /// <summary>The presentation form with its trailing dot, special bytes escaped (RFC 4343 §2.1).</summary>
    public override string ToString() => NameText.Format(_wire);

    /// <summary>The presentation form without the trailing dot; "." stays ".".</summary>
    public string ToHostString() => IsRoot ? "." : NameText.Format(_wire)[..^1];

    /// <summary>Same name, whatever the case.</summary>
    public static bool operator ==(Name? a, Name? b) => a is null ? b is null : a.Equals(b);

    /// <summary>Not the same name.</summary>
    public static bool operator !=(Name? a, Name? b) => !(a == b);

    internal static Name Own(byte[] wire) => new(wire);
}
