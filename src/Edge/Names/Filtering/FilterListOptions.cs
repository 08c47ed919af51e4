using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Dns.Filtering;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>A list that somebody keeps: a file or an address on the web.</summary>
/// <param name="Name">What it is called in edge.yaml; also the name of its copy in the data folder.</param>
/// <param name="From">Where it is from, as the user wrote it.</param>
/// <param name="Url">Its address; null for a file.</param>
/// <param name="File">The file's full path; null for an address.</param>
/// <param name="Syntax">How its lines are meant.</param>
/// <param name="Update">How often it is downloaded.</param>
internal sealed record FilterListOptions(string Name, string From, Uri? Url, string? File, ListSyntax Syntax, TimeSpan Update)
{
    /// <summary>What a list may hold: some ten million names.</summary>
    public const long MostBytes = 256L << 20;

    private const string Example = "https://example.net/hosts.txt, or a file such as filters/mine.txt";
    private static readonly TimeSpan Daily = TimeSpan.FromDays(1);
    private static readonly TimeSpan MostOften = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Rarest = TimeSpan.FromDays(60);

    /// <summary>Reads "lists": a mapping from a list's name to where it is from.</summary>
    public static ImmutableArray<FilterListOptions> ReadAll(MapReader section, string folder)
    {
        var lists = ImmutableArray.CreateBuilder<FilterListOptions>();
        foreach (var (name, node) in section.Map.Entries)
        {
            if (name.Length is 0 or > 40 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')))
            {
                section.Problems.Add(node, $"\"{name}\" cannot be the name of a list", "at most 40 letters, digits, - and _: it is also the name of a file");
            }

            if (section.Node(name) is ScalarNode { Value: { } from })
            {
                lists.Add(Read(name, from, node, new ListSyntax(), Daily, folder, section.Problems));
            }
            else if (section.Section(name) is { } list)
            {
                lists.Add(ReadLong(name, list, folder));
            }
        }

        return lists.ToImmutable();
    }

    private static FilterListOptions ReadLong(string name, MapReader section, string folder)
    {
        var from = section.Text("from") ?? "";
        var syntax = new ListSyntax(section.Switch("subdomains") ?? false, section.Switch("allows") ?? false);
        var update = section.Duration("update") ?? Daily;
        if (update < MostOften || update > Rarest)
        {
            section.Problems.Add(section.Node("update")!, "must lie between 10m and 60d");
        }

        section.Done();
        return Read(name, from, section.Node("from") ?? section.Map, syntax, update, folder, section.Problems);
    }

    private static FilterListOptions Read(string name, string from, Node at, ListSyntax syntax, TimeSpan update, string folder, ProblemList problems)
    {
        if (from.Length == 0)
        {
            problems.Add(at, "does not say where the list is from", $"add from: {Example}");
        }

        if (!from.Contains("://", StringComparison.Ordinal))
        {
            var file = Path.GetFullPath(from, folder);
            NoteUnusable(at, file, problems);
            return new FilterListOptions(name, from, null, file, syntax, update);
        }

        if (!Uri.TryCreate(from, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            problems.Add(at, $"\"{from}\" is not the address of a list", Example);
        }

        return new FilterListOptions(name, from, url, null, syntax, update);
    }

    // The others serve meanwhile, and somebody may yet put a file there: no reason not to start.
    private static void NoteUnusable(Node at, string file, ProblemList problems)
    {
        if (OrdinaryFile.ProblemOf(file, MostBytes) is { } problem)
        {
            problems.Note(at, $"{file} cannot be read: {problem}, so that nothing of it is blocked", SettingFile.Hint, isMistake: true);
        }
    }
}
