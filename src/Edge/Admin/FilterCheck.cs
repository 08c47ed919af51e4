using Edge.Dns.Filtering;
using Edge.Names.Filtering;

namespace Edge.Admin;

/// <summary>Reads the files of filter lists as a start would. What they have wrong stops nothing, but is good to know.</summary>
internal static class FilterCheck
{
    public static IEnumerable<string> Of(EdgeOptions options) => options.Filter.Lists.Where(list => list.File is not null).SelectMany(Of);

    private static IEnumerable<string> Of(FilterListOptions list)
    {
        try
        {
            using var text = File.OpenRead(list.File!);
            return FilterList.Count(text, list.Syntax, list.From).Problems;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            return [$"{list.From}: the list {list.Name} cannot be read: {wrong.Message}"];
        }
    }
}
