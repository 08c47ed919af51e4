using System.Text.Json.Serialization;

namespace Edge.DynamicDns;

/// <summary>The form of what is kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(DynamicAddress))]
internal sealed partial class DynamicDnsJson : JsonSerializerContext;
