using System.Collections.Immutable;

namespace Edge.Dns.Update.Journal;

/// <summary>What a journal holds.</summary>
/// <param name="Entries">The updates that are whole, in their order.</param>
/// <param name="Length">Where the last whole one ends, in bytes.</param>
/// <param name="Damage">Where something that is not whole lies before it, in bytes from the start; -1 when nothing does.</param>
internal sealed record JournalReading(ImmutableArray<ChangeEntry> Entries, int Length, int Damage)
{
    /// <summary>Reads a journal; false when its first line is not one that this version writes.</summary>
    public static bool TryRead(ReadOnlySpan<byte> journal, out JournalReading reading)
    {
        reading = new JournalReading([], 0, -1);
        var header = System.Text.Encoding.ASCII.GetBytes(JournalText.Header);
        if (!journal.StartsWith(header))
        {
            // Nothing, or the begin of the first line: it was torn while it was made.
            return header.AsSpan().StartsWith(journal);
        }

        var entries = ImmutableArray.CreateBuilder<ChangeEntry>();
        var (length, damage, at) = (header.Length, -1, header.Length);
        while (at < journal.Length)
        {
            if (JournalText.TryRead(journal, at, out var entry, out var next))
            {
                // What lies before a whole update is no torn end: the disk has lost something.
                damage = at > length && damage < 0 ? length : damage;
                entries.Add(entry);
                length = at = next;
            }
            else
            {
                at = journal[at..].IndexOf("\nbegin "u8) is >= 0 and var found ? at + found + 1 : journal.Length;
            }
        }

        reading = new JournalReading(entries.ToImmutable(), length, damage);
        return true;
    }
}
