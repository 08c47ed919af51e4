namespace Edge.Settings;

/// <summary>Where the settings of one document stand, for whoever finds something only after all of them are read.</summary>
/// <param name="root">The document; null for none.</param>
/// <param name="file">Its name for problems.</param>
internal sealed class SettingPlaces(MapNode? root, string file)
{
    public static readonly SettingPlaces None = new(null, "edge.yaml");

    /// <summary>"edge.yaml:7: outward.home.example.net", with the line of the innermost piece that is there.</summary>
    /// <param name="path">The keys from the root on, as they stand there or as names in the settings.</param>
    public string Of(params ReadOnlySpan<string> path)
    {
        Node? at = root;
        var line = 0;
        foreach (var key in path)
        {
            at = Step(at, key);
            line = at?.Line ?? line;
        }

        return $"{file}{(line > 0 ? $":{line}" : "")}: {string.Join('.', path)}";
    }

    private static Node? Step(Node? at, string key) =>
        (at as MapNode)?.Entries.FirstOrDefault(entry => string.Equals(entry.Key.TrimEnd('.'), key, StringComparison.OrdinalIgnoreCase)).Value;
}
