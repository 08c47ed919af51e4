namespace Edge.Observability;

/// <summary>What is kept of the part of a URL behind the question mark, which often holds secrets.</summary>
internal enum QueryDisplay
{
    /// <summary>The names of its values: "?page=*&amp;token=*".</summary>
    Names,

    /// <summary>All of it.</summary>
    Full,

    /// <summary>Nothing.</summary>
    None,
}
