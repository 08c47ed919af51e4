using Mono.Cecil;
using Mono.Cecil.Cil;
using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>How a type is declared, and what it may call.</summary>
public sealed class TypeTests
{
    private static readonly string[] EmptyWords = ["Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common", "Misc"];

    // The clock that tests can turn is TimeProvider; these read the machine's.
    private static readonly string[] Clocks = ["System.DateTime::get_UtcNow", "System.DateTime::get_Now", "System.DateTime::get_Today", "System.DateTimeOffset::get_UtcNow", "System.DateTimeOffset::get_Now"];

    private static readonly IReadOnlyList<TypeDefinition> Types = [.. Binaries.Source.SelectMany(Binaries.Written)];

    [Fact]
    public void A_class_is_sealed_unless_something_derives_from_it()
    {
        var bases = Types.SelectMany(WithNested).Select(type => type.BaseType?.GetElementType().FullName).ToHashSet();
        Offences.None(Types.SelectMany(WithNested)
            .Where(type => type is { IsClass: true, IsValueType: false, IsSealed: false, IsAbstract: false, Name: not "Program" } && !type.Name.Contains('<') && !bases.Contains(type.FullName))
            .Select(type => type.FullName));
    }

    [Fact]
    public void The_program_publishes_no_type() =>
        Offences.None(Binaries.Written(Binaries.Program).Where(type => type.IsPublic && type.Name != "Program").Select(type => type.FullName));

    [Fact]
    public void No_type_has_a_name_that_says_nothing() =>
        Offences.None(Types.SelectMany(WithNested).Where(type => EmptyWords.Any(word => type.Name.EndsWith(word, StringComparison.Ordinal))).Select(type => type.FullName));

    [Fact]
    public void Time_comes_from_TimeProvider() =>
        Offences.None(Types.SelectMany(WithNested).SelectMany(type => type.Methods).Where(method => method.HasBody).SelectMany(method => method.Body.Instructions
            .Where(instruction => instruction.OpCode.FlowControl == FlowControl.Call && instruction.Operand is MethodReference called && Clocks.Contains($"{called.DeclaringType.FullName}::{called.Name}"))
            .Select(_ => method.FullName)));

    private static IEnumerable<TypeDefinition> WithNested(TypeDefinition type) => type.NestedTypes.SelectMany(WithNested).Prepend(type);
}
