using Edge.Settings;

namespace Edge.Services.Routing;

/// <summary>Reads <c>hsts</c>: on, off, a time, or a mapping.</summary>
internal static class HstsReader
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);

    /// <summary>Null when nothing is said.</summary>
    public static HstsRule? Read(MapReader reader)
    {
        switch (reader.Node("hsts"))
        {
            case null:
                return null;
            case MapNode map:
                return ReadMap(new MapReader(map, reader.Problems));
            case ScalarNode { Value: { } text } when SwitchText.Parse(text) is { } on:
                return on ? new HstsRule(Year, false, false, false) : HstsRule.Off;
            case ScalarNode { Value: { } text } node when DurationText.Parse(text) is { } time:
                return new HstsRule(Checked(node, time, reader.Problems), false, false, false);
            case var wrong:
                reader.Problems.Add(wrong, "is neither on, off, a time nor a mapping", "such as on, 30d, or { max-age: 365d, include-subdomains: true }");
                return null;
        }
    }

    private static HstsRule ReadMap(MapReader section)
    {
        var age = section.Duration("max-age") is { } time ? Checked(section.Map.Find("max-age")!, time, section.Problems) : Year;
        var (subdomains, preload, force) = (section.Switch("include-subdomains") is true, section.Switch("preload") is true, section.Switch("force") is true);
        section.Done();

        // What the lists of the browsers ask for.
        if (preload && (!subdomains || age < Year))
        {
            section.Problems.Add(section.Map.Find("preload")!, "needs include-subdomains: true and a max-age of 365d or more beside it");
        }

        return new HstsRule(age, subdomains, preload, force);
    }

    private static TimeSpan Checked(Node at, TimeSpan time, ProblemList problems)
    {
        if (time >= TimeSpan.FromSeconds(1) && time <= 2 * Year)
        {
            return time;
        }

        problems.Add(at, "is not a time from 1s to 730d", time == TimeSpan.Zero ? "off takes back what browsers were told" : null);
        return Year;
    }
}
