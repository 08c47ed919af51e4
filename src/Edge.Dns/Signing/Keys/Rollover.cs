using System.Collections.Immutable;

namespace Edge.Dns.Signing.Keys;

/// <summary>A rollover that has begun and not ended.</summary>
/// <param name="Step">What it waits for.</param>
/// <param name="NewTag">The key that comes.</param>
/// <param name="OldTags">The keys that go.</param>
/// <param name="NotBefore">When the next step may be taken at the earliest.</param>
public sealed record Rollover(RolloverStep Step, ushort NewTag, ImmutableArray<ushort> OldTags, DateTimeOffset NotBefore);
