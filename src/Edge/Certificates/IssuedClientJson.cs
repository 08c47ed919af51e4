using System.Text.Json.Serialization;

namespace Edge.Certificates;

/// <summary>The form in which the certificates of clients are kept.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(IssuedClient[]))]
internal sealed partial class IssuedClientJson : JsonSerializerContext;
