using System.Text.Json.Serialization;

namespace Edge.AcmeDns;

/// <summary>The form of what is kept and of what clients send.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AcmeDnsAccount))]
[JsonSerializable(typeof(AcmeDnsUpdate))]
[JsonSerializable(typeof(AcmeDnsWish))]
internal sealed partial class AcmeDnsJson : JsonSerializerContext;
