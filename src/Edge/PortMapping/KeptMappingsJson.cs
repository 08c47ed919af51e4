using System.Text.Json.Serialization;

namespace Edge.PortMapping;

/// <summary>The JSON of the data folder, generated at compile time.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, UseStringEnumConverter = true)]
[JsonSerializable(typeof(KeptMappings))]
internal sealed partial class KeptMappingsJson : JsonSerializerContext;
