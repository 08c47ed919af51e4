using System.Numerics;

namespace Edge.Gateway;

/// <summary>A host in the form of the table (see <see cref="HostText.Normalise"/>), and where to look for it.</summary>
internal readonly ref struct HostKey(ReadOnlySpan<char> host)
{
    public ReadOnlySpan<char> Host { get; } = host;

    /// <summary>With a key of this process: nobody can choose names that lie in one place.</summary>
    public uint Hash { get; } = (uint)string.GetHashCode(host);

    /// <summary>Which of the small tables of a <see cref="HostMap"/>.</summary>
    public int Table => (int)(Hash >> (32 - BitOperations.Log2(HostMap.Tables)));

    /// <summary>Where it stands in a table, or the free place where it belongs. Not all are taken.</summary>
    public int PlaceIn(HostCell[] cells)
    {
        var mask = cells.Length - 1;
        var at = (int)Hash & mask;
        while (!cells[at].IsFree && !cells[at].IsOf(this))
        {
            at = (at + 1) & mask;
        }

        return at;
    }
}
