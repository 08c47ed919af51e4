namespace Edge.Services.Routing;

/// <summary>What is asked of a header or a query parameter.</summary>
internal enum FieldTest
{
    /// <summary>It has one of the values.</summary>
    Exact,

    /// <summary>It begins with the value.</summary>
    Prefix,

    /// <summary>It is there.</summary>
    Present,

    /// <summary>It is not there.</summary>
    Absent,
}
