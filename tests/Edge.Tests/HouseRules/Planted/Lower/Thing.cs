namespace Edge.Tests.HouseRules.Planted.Lower;

/// <summary>What <see cref="Upper.Uses"/> must not use, and does.</summary>
internal class Thing
{
    public static int Count = 1;

    public static Thing Make() => new();

    public static T Pass<T>(T value) => value;
}
