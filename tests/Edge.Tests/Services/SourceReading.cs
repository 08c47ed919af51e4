using System.Collections.Immutable;
using Edge.Services;

namespace Edge.Tests.Services;

/// <summary>What a source declares, in its order.</summary>
internal static class SourceReading
{
    public static ImmutableArray<Service> Declared(this IServiceSource source) =>
        [.. source.Current.Values.OrderBy(group => group.Order).ThenBy(group => group.Key, StringComparer.Ordinal).SelectMany(group => group.Services)];
}
