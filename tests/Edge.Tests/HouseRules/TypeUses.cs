using Mono.Cecil;

namespace Edge.Tests.HouseRules;

/// <summary>
/// Every type that a compiled type names: in its base types, signatures, bodies, attributes and generic arguments.
/// The compiled form is what counts, because a using line neither proves a use nor is needed for one.
/// </summary>
internal static class TypeUses
{
    /// <summary>The uses of a type and of what is nested in it, each with the member it stands in.</summary>
    public static IEnumerable<(string Member, TypeReference Used)> Of(TypeDefinition type) =>
        Declared(type).SelectMany(use => Parts(use.Used).Select(part => (use.Member, part)))
            .Concat(type.NestedTypes.SelectMany(Of));

    private static IEnumerable<(string Member, TypeReference Used)> Declared(TypeDefinition type)
    {
        var own = new List<TypeReference?> { type.BaseType };
        own.AddRange(type.Interfaces.Select(inherited => inherited.InterfaceType));
        own.AddRange(Attributes(type.CustomAttributes));
        own.AddRange(type.Interfaces.SelectMany(inherited => Attributes(inherited.CustomAttributes)));
        own.AddRange(Generics(type));
        var members = own.Select(used => (type.FullName, used))
            .Concat(type.Fields.SelectMany(field => Attributes(field.CustomAttributes).Append(field.FieldType).Select(used => (field.FullName, (TypeReference?)used))))
            .Concat(type.Properties.SelectMany(property => Attributes(property.CustomAttributes).Append(property.PropertyType).Select(used => (property.FullName, (TypeReference?)used))))
            .Concat(type.Events.SelectMany(raised => Attributes(raised.CustomAttributes).Append(raised.EventType).Select(used => (raised.FullName, (TypeReference?)used))))
            .Concat(type.Methods.SelectMany(method => Method(method).Select(used => (method.FullName, used))));
        return members.Where(use => use.Item2 is not null).Select(use => (use.Item1, use.Item2!));
    }

    private static IEnumerable<TypeReference?> Method(MethodDefinition method)
    {
        var uses = new List<TypeReference?> { method.ReturnType };
        uses.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
        uses.AddRange(method.Parameters.SelectMany(parameter => Attributes(parameter.CustomAttributes)));
        uses.AddRange(Attributes(method.CustomAttributes));
        uses.AddRange(Attributes(method.MethodReturnType.CustomAttributes));
        uses.AddRange(Generics(method));
        uses.AddRange(method.Overrides.SelectMany(Reference));
        if (method.HasBody)
        {
            uses.AddRange(method.Body.Variables.Select(local => local.VariableType));
            uses.AddRange(method.Body.ExceptionHandlers.Select(handler => handler.CatchType));
            uses.AddRange(method.Body.Instructions.SelectMany(instruction => Operand(instruction.Operand)));
        }

        return uses;
    }

    private static IEnumerable<TypeReference?> Operand(object? operand) => operand switch
    {
        TypeReference type => [type],
        MethodReference method => Reference(method),
        FieldReference field => [field.DeclaringType, field.FieldType],
        CallSite site => site.Parameters.Select(parameter => parameter.ParameterType).Append(site.ReturnType),
        _ => [],
    };

    private static IEnumerable<TypeReference?> Reference(MethodReference method)
    {
        var uses = new List<TypeReference?> { method.DeclaringType, method.ReturnType };
        uses.AddRange(method.Parameters.Select(parameter => parameter.ParameterType));
        if (method is GenericInstanceMethod instance)
        {
            uses.AddRange(instance.GenericArguments);
        }

        return uses;
    }

    private static IEnumerable<TypeReference> Generics(IGenericParameterProvider generic) =>
        generic.GenericParameters.SelectMany(parameter => parameter.Constraints.Select(constraint => constraint.ConstraintType).Concat(Attributes(parameter.CustomAttributes)));

    private static IEnumerable<TypeReference> Attributes(IEnumerable<CustomAttribute> attributes) => attributes.SelectMany(attribute =>
        attribute.ConstructorArguments.Concat(attribute.Properties.Concat(attribute.Fields).Select(named => named.Argument))
            .SelectMany(Argument).Append(attribute.AttributeType));

    private static IEnumerable<TypeReference> Argument(CustomAttributeArgument argument) => argument.Value switch
    {
        TypeReference type => [argument.Type, type],
        CustomAttributeArgument[] list => list.SelectMany(Argument).Append(argument.Type),
        CustomAttributeArgument boxed => Argument(boxed),
        _ => [argument.Type],
    };

    // List<Message[]> names List, and Message.
    private static IEnumerable<TypeReference> Parts(TypeReference type)
    {
        switch (type)
        {
            case GenericInstanceType generic:
                return generic.GenericArguments.SelectMany(Parts).Append(generic.ElementType);
            case FunctionPointerType pointer:
                return pointer.Parameters.SelectMany(parameter => Parts(parameter.ParameterType)).Concat(Parts(pointer.ReturnType));
            case RequiredModifierType required:
                return Parts(required.ElementType).Concat(Parts(required.ModifierType));
            case OptionalModifierType optional:
                return Parts(optional.ElementType).Concat(Parts(optional.ModifierType));
            case TypeSpecification other:
                return Parts(other.ElementType);
            case GenericParameter:
                return [];
            default:
                return [type];
        }
    }
}
