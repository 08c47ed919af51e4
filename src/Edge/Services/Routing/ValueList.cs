using System.Collections;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Edge.Services.Routing;

/// <summary>A list that equals another with the same items in the same order, so that records of lists compare by what they say.</summary>
[CollectionBuilder(typeof(ValueListBuilder), nameof(ValueListBuilder.Of))]
internal readonly struct ValueList<T>(ImmutableArray<T> items) : IEquatable<ValueList<T>>, IReadOnlyList<T>
{
    private ImmutableArray<T> Items => items.IsDefault ? [] : items;

    public int Count => Items.Length;

    public T this[int index] => Items[index];

    public bool Equals(ValueList<T> other) => Items.SequenceEqual(other.Items);

    public override bool Equals(object? obj) => obj is ValueList<T> other && Equals(other);

    public override int GetHashCode() => Items.IsEmpty ? 0 : HashCode.Combine(Count, Items[0]);

    public IEnumerator<T> GetEnumerator() => Items.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
