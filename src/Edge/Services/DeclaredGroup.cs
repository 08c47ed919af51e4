using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>What one file or one registration declares. Groups of a source come in the order of <paramref name="Order"/> and then of their keys.</summary>
/// <param name="Order">The earlier has the lower.</param>
/// <param name="Key">The file, or the registration's name.</param>
/// <param name="Services">Its services, the earlier first.</param>
internal sealed record DeclaredGroup(long Order, string Key, ImmutableArray<Service> Services);
