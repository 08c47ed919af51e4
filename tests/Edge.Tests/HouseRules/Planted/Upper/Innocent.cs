namespace Edge.Tests.HouseRules.Planted.Upper;

/// <summary>Uses nothing of the other room.</summary>
[About(typeof(string))]
internal sealed class Innocent : List<string>
{
    public static int Longest(IEnumerable<string> words) => words.Max(word => word.Length);
}
