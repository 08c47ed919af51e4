using System.Collections.Immutable;
using Edge.Services;
using Edge.Settings;

namespace Edge.Docker;

/// <summary>What one holder declares: a container, or the containers of a service of a compose file.</summary>
/// <param name="Group">Its services.</param>
/// <param name="Problems">What is wrong in its labels.</param>
/// <param name="Containers">The numbers of its containers.</param>
internal sealed record HeldServices(DeclaredGroup Group, ImmutableArray<Problem> Problems, ImmutableArray<string> Containers)
{
    /// <summary>When its names are let go of, in ticks of the clock; null as long as a container of it is there.</summary>
    public long? Until { get; init; }
}
