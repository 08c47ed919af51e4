using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Edge.Dns.Snapshots;

/// <summary>
/// The small tables of a map whose snapshots follow each other, by number. Immutable: the next ones share every table that did not
/// change, and cost the few rows in which the numbers of the others lie. See docs/decisions/0027-what-changed.md.
/// </summary>
/// <typeparam name="T">A table; the default of the type where there is none.</typeparam>
public sealed class SmallTables<T>
{
    /// <summary>How many there are. A snapshot that is young is looked through by every collection: with 100,000 keys a table has some 24.</summary>
    public const int Count = Rows * Width;

    private const int Rows = 64;
    private const int Width = 64;

    private static readonly T?[] Nothing = new T?[Width];

    private readonly T?[][] _rows;

    private SmallTables(T?[][] rows) => _rows = rows;

    /// <summary>None of them.</summary>
    public static SmallTables<T> Empty { get; } = new([.. Enumerable.Repeat(Nothing, Rows)]);

    /// <summary>Every table, and the default of the type for some that are not there; in no order.</summary>
    public IEnumerable<T?> All => _rows.Where(static row => row != Nothing).SelectMany(static row => row);

    /// <summary>The table of a number, of which the lowest bits count.</summary>
    public T? this[int number]
    {
        get
        {
            // The bits keep it within both arrays: to ask how long they are waits for memory where this is all that is wanted of them.
            var row = Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_rows), (number / Width) & (Rows - 1));
            return Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(row), number & (Width - 1));
        }
    }

    /// <summary>The number for a hash: its highest bits.</summary>
    public static int NumberOf(uint hash) => (int)(hash >> (32 - BitOperations.Log2(Count)));

    /// <summary>The numbers under which two do not have the same table.</summary>
    public static IEnumerable<int> Differing(SmallTables<T> before, SmallTables<T> after)
    {
        for (var at = 0; at < Rows; at++)
        {
            var (old, now) = (before._rows[at], after._rows[at]);
            for (var place = 0; old != now && place < Width; place++)
            {
                if (!EqualityComparer<T>.Default.Equals(old[place], now[place]))
                {
                    yield return (at * Width) + place;
                }
            }
        }
    }

    /// <summary>Those that follow.</summary>
    /// <param name="changes">Other tables, by number.</param>
    public SmallTables<T> With(IEnumerable<KeyValuePair<int, T?>> changes)
    {
        T?[][] rows = [.. _rows];
        foreach (var (number, table) in changes)
        {
            ref var row = ref rows[number / Width];
            if (row == _rows[number / Width])
            {
                row = [.. row];
            }

            row[number % Width] = table;
        }

        return new SmallTables<T>(rows);
    }
}
