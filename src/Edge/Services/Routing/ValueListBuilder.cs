namespace Edge.Services.Routing;

/// <summary>Lets a collection expression make a <see cref="ValueList{T}"/>.</summary>
internal static class ValueListBuilder
{
    public static ValueList<T> Of<T>(ReadOnlySpan<T> items) => new([.. items]);
}
