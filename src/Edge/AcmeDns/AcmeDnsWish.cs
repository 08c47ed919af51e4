using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Edge.AcmeDns;

/// <summary>The body of a registration.</summary>
/// <param name="AllowFrom">The networks that may update; null for all.</param>
internal sealed record AcmeDnsWish([property: JsonPropertyName("allowfrom")] ImmutableArray<string>? AllowFrom);
