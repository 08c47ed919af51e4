using System.Text.Json.Serialization;

namespace Edge.Outward;

/// <summary>The form of what is kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, UseStringEnumConverter = true)]
[JsonSerializable(typeof(PushState))]
internal sealed partial class OutwardJson : JsonSerializerContext;
