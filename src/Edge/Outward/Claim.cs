namespace Edge.Outward;

/// <summary>Whose a name is.</summary>
internal enum Claim
{
    Ours,
    Free,
    Foreign,
}
