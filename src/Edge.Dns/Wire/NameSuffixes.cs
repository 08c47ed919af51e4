namespace Edge.Dns.Wire;

/// <summary>
/// An uncompressed wire name with the start and the hash of each of its suffixes: suffix 0 is the name itself,
/// suffix <see cref="LabelCount"/> is the root. Lives on the stack of one lookup.
/// </summary>
internal readonly ref struct NameSuffixes
{
    /// <summary>Suffixes of the longest name: 127 labels of one byte and the root.</summary>
    public const int MaxCount = 128;

    private readonly Span<byte> _starts;
    private readonly Span<int> _hashes;

    /// <summary>Analyses a name; both spans need room for <see cref="MaxCount"/> entries.</summary>
    public NameSuffixes(ReadOnlySpan<byte> wire, Span<byte> starts, Span<int> hashes)
    {
        Wire = wire;
        var count = 0;
        var at = 0;
        for (; wire[at] != 0; at += wire[at] + 1)
        {
            starts[count++] = (byte)at;
        }

        starts[count] = (byte)at;
        LabelCount = count;
        _starts = starts;
        _hashes = hashes;

        var hash = NameComparison.HashSeed;
        var end = wire.Length;
        for (; count >= 0; count--)
        {
            hash = NameComparison.ExtendHash(hash, wire[starts[count]..end]);
            end = starts[count];
            hashes[count] = (int)hash;
        }
    }

    /// <summary>The whole name.</summary>
    public ReadOnlySpan<byte> Wire { get; }

    /// <summary>Labels without the root.</summary>
    public int LabelCount { get; }

    /// <summary>Where a suffix begins within the name, in bytes.</summary>
    public int Start(int suffix) => _starts[suffix];

    /// <summary>A suffix as a name of its own.</summary>
    public ReadOnlySpan<byte> this[int suffix] => Wire[_starts[suffix]..];

    /// <summary>The hash of a suffix; the same as <see cref="NameComparison.Hash"/> gives.</summary>
    public int Hash(int suffix) => NameComparison.FinishHash((uint)_hashes[suffix]);

    /// <summary>The hash of a suffix with the label "*" in front of it.</summary>
    public int WildcardHash(int suffix) => NameComparison.FinishHash(NameComparison.ExtendHash((uint)_hashes[suffix], [1, (byte)'*']));
}
