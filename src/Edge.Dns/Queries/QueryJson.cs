using System.Text.Json.Serialization;

namespace Edge.Dns.Queries;

/// <summary>Queries as JSON on one line, generated at compile time so that the native binary needs no reflection.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RecordedQuery))]
[JsonSerializable(typeof(QueryEvent))]
public sealed partial class QueryJson : JsonSerializerContext;
