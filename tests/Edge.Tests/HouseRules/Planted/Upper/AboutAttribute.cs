namespace Edge.Tests.HouseRules.Planted.Upper;

/// <summary>An attribute that names a type.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class AboutAttribute(params Type[] types) : Attribute
{
    public Type[] Types => types;
}
