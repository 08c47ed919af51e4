namespace Edge.Client;

/// <summary>Who is served.</summary>
public enum EdgeExposure
{
    /// <summary>Everybody.</summary>
    Everywhere,

    /// <summary>Clients of the LAN only. A token that was made with <c>--expose lan</c> allows nothing else.</summary>
    Lan,
}
