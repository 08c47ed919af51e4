using Edge.Settings;

namespace Edge.Services;

/// <summary>A source that learns what it declares from something outside of this program.</summary>
internal interface IOutsideSource : IServiceSource
{
    /// <summary>What is wrong with it now.</summary>
    IReadOnlyList<Problem> Problems { get; }

    /// <summary>Learns what there is, once, before anything is served; returns as well when that cannot be learnt for now.</summary>
    Task LoadAsync(CancellationToken cancel);

    /// <summary>Takes changes as they happen, through any trouble, until cancelled.</summary>
    Task FollowAsync(CancellationToken cancel);
}
