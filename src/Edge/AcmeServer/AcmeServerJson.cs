using System.Text.Json.Serialization;

namespace Edge.AcmeServer;

/// <summary>The form in which the store keeps accounts, orders and certificates.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ServerAccount))]
[JsonSerializable(typeof(ServerOrder))]
[JsonSerializable(typeof(ServerCertificate))]
internal sealed partial class AcmeServerJson : JsonSerializerContext;
