namespace Edge.Services;

/// <summary>What a presented secret turned out to be.</summary>
internal enum TokenState
{
    Valid,
    Unknown,
    Expired,
    Revoked,
}
