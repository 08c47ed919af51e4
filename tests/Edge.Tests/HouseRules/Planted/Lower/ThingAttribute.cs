namespace Edge.Tests.HouseRules.Planted.Lower;

/// <summary>An attribute that <see cref="Upper.Uses"/> must not carry, and does.</summary>
[AttributeUsage(AttributeTargets.All)]
internal sealed class ThingAttribute : Attribute;
