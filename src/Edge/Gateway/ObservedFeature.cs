namespace Edge.Gateway;

/// <summary>Says of a request that failed that it has its line in the access log already.</summary>
internal sealed class ObservedFeature
{
    public static readonly ObservedFeature Instance = new();

    private ObservedFeature()
    {
    }
}
