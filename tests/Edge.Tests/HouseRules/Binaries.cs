using Mono.Cecil;

namespace Edge.Tests.HouseRules;

/// <summary>The compiled assemblies under test, read as data.</summary>
internal static class Binaries
{
    public static ModuleDefinition Engine { get; } = Read("Edge.Dns.dll");

    public static ModuleDefinition Acme { get; } = Read("Edge.Acme.dll");

    public static ModuleDefinition Client { get; } = Read("Edge.Client.dll");

    public static ModuleDefinition Program { get; } = Read("edge.dll");

    public static ModuleDefinition Tests { get; } = Read("Edge.Tests.dll");

    /// <summary>Everything below src.</summary>
    public static IReadOnlyList<ModuleDefinition> Source { get; } = [Engine, Acme, Client, Program];

    /// <summary>The types somebody wrote: what a generator put elsewhere (regular expressions, JSON, interop) is not ours to judge.</summary>
    public static IEnumerable<TypeDefinition> Written(ModuleDefinition module) => module.Types.Where(type =>
        type.Name != "<Module>"
        && !type.Name.StartsWith('<')
        && !type.FullName.StartsWith("Microsoft.", StringComparison.Ordinal)
        && !type.FullName.StartsWith("System.", StringComparison.Ordinal)
        && !type.CustomAttributes.Any(attribute => attribute.AttributeType.Name is "CompilerGeneratedAttribute" or "EmbeddedAttribute"));

    private static ModuleDefinition Read(string file) => ModuleDefinition.ReadModule(Path.Combine(AppContext.BaseDirectory, file));
}
