namespace Edge.Tests.HouseRules.Planted.Lower;

/// <summary>An interface that <see cref="Upper.Uses"/> must not implement, and does.</summary>
internal interface IThing;
