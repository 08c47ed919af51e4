using System.Text;

namespace Edge.Gateway;

/// <summary>
/// A place of a <see cref="HostMap"/>. The host's letters and what most requests want of it lie here, in one line or two of the
/// processor's cache, so that nothing behind the references is waited for.
/// </summary>
internal readonly struct HostCell
{
    /// <summary>How many bytes it takes.</summary>
    public const int Size = 64;

    private readonly HostLetters _letters;
    private readonly byte _length;

    /// <param name="key">The host.</param>
    /// <param name="slot">Its routes.</param>
    public HostCell(HostKey key, HostSlot slot)
    {
        (Hash, Slot, Only, Name) = (key.Hash, slot, slot.Only, slot.Name);
        if (key.Host.Length <= HostLetters.Most)
        {
            _length = (byte)Encoding.ASCII.GetBytes(key.Host, _letters);
        }
    }

    public uint Hash { get; }

    /// <summary>The routes of the host; null where the place is free.</summary>
    public HostSlot? Slot { get; }

    /// <summary>The slot's own, see <see cref="HostSlot.Only"/>.</summary>
    public RouteEntry? Only { get; }

    /// <summary>The slot's own.</summary>
    public string? Name { get; }

    public bool IsFree => Slot is null;

    /// <summary>Whether it is the place of a host.</summary>
    public bool IsOf(HostKey key) => Hash == key.Hash && HasLettersOf(key.Host);

    /// <summary>The same, for two hosts of one hash.</summary>
    public bool HasLettersOf(ReadOnlySpan<char> host) =>
        _length > 0 ? Ascii.Equals(((ReadOnlySpan<byte>)_letters)[.._length], host) : host.SequenceEqual(Name);
}
