namespace Edge.Gateway.Front;

/// <summary>A connection that the front serves.</summary>
internal interface IFrontConnection
{
    /// <summary>Looks whether nothing was asked over it for too long. From any thread.</summary>
    void Look(TimeProvider time, long now);
}
