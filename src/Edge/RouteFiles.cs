namespace Edge;

/// <summary>Which files of the routes folder count.</summary>
internal static class RouteFiles
{
    /// <summary>The short form is YAML; YARP's own form is JSON or YAML.</summary>
    public static readonly string[] Extensions = [".yaml", ".yml", ".json"];
}
