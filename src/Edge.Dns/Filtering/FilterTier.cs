namespace Edge.Dns.Filtering;

/// <summary>Whose word a source is. What is said nearer to the client goes first: whatever a list says, the settings may allow.</summary>
public enum FilterTier
{
    /// <summary>A list that somebody else keeps.</summary>
    List,

    /// <summary>The settings, for everybody.</summary>
    Settings,

    /// <summary>The settings, for one group of clients.</summary>
    Group,
}
