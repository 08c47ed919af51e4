namespace Edge.Gateway;

/// <summary>Where a route stands among all, which decides where nothing else does: services of files by name, then the files in YARP's shape by name, then registrations.</summary>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Source">The service, or the file.</param>
/// <param name="Line">The line in that file.</param>
/// <param name="Number">Its place among the routes of that service or line.</param>
internal readonly record struct RoutePlace(RouteKind Kind, string Source, int Line, int Number) : IComparable<RoutePlace>
{
    public int CompareTo(RoutePlace other)
    {
        var difference = Kind.CompareTo(other.Kind);
        difference = difference != 0 ? difference : string.CompareOrdinal(Source, other.Source);
        difference = difference != 0 ? difference : Line.CompareTo(other.Line);
        return difference != 0 ? difference : Number.CompareTo(other.Number);
    }
}
