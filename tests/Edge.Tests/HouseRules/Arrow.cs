namespace Edge.Tests.HouseRules;

/// <summary>One use of a type of another room, and the member that makes it.</summary>
internal sealed record Arrow(string From, string To, string Member, string Used)
{
    public override string ToString() => $"{From} → {To}: {Member} uses {Used}";
}
