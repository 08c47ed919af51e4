using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>What a request carries, found by its type: the server's generic way to the same looks a method up at run time, at every call.</summary>
internal static class FeatureLookup
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static T? Find<T>(this IFeatureCollection features)
        where T : class => features[typeof(T)] as T;
}
