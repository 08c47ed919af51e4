namespace Edge.Services.Routing;

/// <summary>A condition on a header or a query parameter.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Test">What is asked of it.</param>
/// <param name="Values">The values that will do; none for presence and absence.</param>
internal sealed record FieldCondition(string Name, FieldTest Test, ValueList<string> Values)
{
    public override string ToString() => Test switch
    {
        FieldTest.Present => $"{Name}=*",
        FieldTest.Absent => $"no {Name}",
        FieldTest.Prefix => $"{Name}={Values[0]}*",
        _ => $"{Name}={string.Join('|', Values)}",
    };
}
