namespace Edge.Services;

/// <summary>One declaration, with its place among all: the stronger source first, then the earlier group, then the earlier in it. Compared by identity.</summary>
/// <param name="source">The place of its source.</param>
/// <param name="group">Its group.</param>
/// <param name="at">Its place in the group.</param>
internal sealed class Declared(int source, DeclaredGroup group, int at) : IComparable<Declared>
{
    public int Source => source;

    public Service Service => group.Services[at];

    public int CompareTo(Declared? other)
    {
        if (other is null)
        {
            return 1;
        }

        var difference = source.CompareTo(other.Source);
        difference = difference != 0 ? difference : Order.CompareTo(other.Order);
        difference = difference != 0 ? difference : string.CompareOrdinal(Key, other.Key);
        return difference != 0 ? difference : At.CompareTo(other.At);
    }

    private long Order => group.Order;

    private string Key => group.Key;

    private int At => at;
}
