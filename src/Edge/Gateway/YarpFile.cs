using System.Collections.Immutable;
using Edge.Settings;

namespace Edge.Gateway;

/// <summary>What a file in YARP's shape says, sound or not.</summary>
internal sealed record YarpFile(ImmutableArray<YarpRoute> Routes, ImmutableArray<YarpCluster> Clusters, ImmutableArray<Problem> Problems)
{
    public static readonly YarpFile Empty = new([], [], []);
}
