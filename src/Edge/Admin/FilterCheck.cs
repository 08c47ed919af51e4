using Edge.Dns.Files;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Edge.Names.Filtering;

namespace Edge.Admin;

/// <summary>
/// Reads the files of filter lists as a start would, and looks for answers that never come. What is wrong with them
/// stops nothing, but is good to know.
/// </summary>
internal static class FilterCheck
{
    public static IEnumerable<string> Of(EdgeOptions options) =>
        options.Filter.Lists.Where(list => list.File is not null && list.From.Length > 0).SelectMany(Of).Concat(Unheard(options));

    // Zones of ours go before the filter.
    private static IEnumerable<string> Unheard(EdgeOptions options)
    {
        Name[] zones = [.. ZoneSettingsCheck.Files(options), .. options.Dns.Zones.Where(zone => zone.Followed is { IsCatalog: false }).Select(zone => zone.Origin)];
        foreach (var name in options.Filter.Answers.Select(answer => answer.Name))
        {
            if (zones.FirstOrDefault(name.IsAtOrBelow) is { } zone)
            {
                yield return $"{options.Places.Of("filter", "answers", name.ToHostString())}: is never used, since the name is in your zone {zone.ToHostString()}; write it there";
            }
        }
    }

    private static IEnumerable<string> Of(FilterListOptions list)
    {
        if (OrdinaryFile.ProblemOf(list.File!, FilterListOptions.MostBytes) is not null)
        {
            // Said where the settings name it.
            return [];
        }

        try
        {
            using var text = OrdinaryFile.Open(list.File!, FilterListOptions.MostBytes);
            return FilterList.Count(text, list.Syntax, list.From).Problems;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return [$"{list.From}: the list {list.Name} cannot be read: {wrong.Message.TrimEnd('.')}"];
        }
    }
}
