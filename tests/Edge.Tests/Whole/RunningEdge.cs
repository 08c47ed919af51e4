namespace Edge.Tests.Whole;

/// <summary>One Edge with the repository's example, for all tests of a class.</summary>
public sealed class RunningEdge : IAsyncLifetime
{
    internal EdgeProcess Edge { get; } = EdgeProcess.InExampleFolder();

    public async ValueTask InitializeAsync() => await Edge.StartAsync();

    public ValueTask DisposeAsync() => Edge.DisposeAsync();
}
