namespace Edge.Tests.HouseRules.Planted.Lower;

/// <summary>An exception that <see cref="Upper.Uses"/> must not catch, and does.</summary>
internal sealed class ThingException : Exception;
