using System.Text;
using Edge.Dns.Files;
using Edge.Dns.Wire;
using Edge.Dns.Zones.MasterFile;

namespace Edge.Dns.Zones.Files;

/// <summary>The layout of the zones folder: ORIGIN.zone for all views, VIEW/ORIGIN.zone for one.</summary>
/// <param name="root">Its path.</param>
/// <param name="display">How the user calls it: "zones".</param>
/// <param name="views">The names of the views there are.</param>
internal sealed class ZoneFolder(string root, string display, IReadOnlyList<string> views)
{
    private const string Extension = ".zone";

    private readonly string _root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(root));

    /// <summary>All zone files, one for each zone and view; null when the folder is not there. What cannot be a zone file is a problem.</summary>
    /// <param name="problems">Where problems are added.</param>
    /// <param name="isServed">Whether a zone is served from the file at a path: such a file keeps its zone against twins.</param>
    public List<FoundZoneFile>? Find(List<ZoneProblem> problems, Func<string, bool> isServed)
    {
        try
        {
            if (!Directory.Exists(_root))
            {
                return null;
            }

            var found = new List<FoundZoneFile>();
            Collect(_root, null, isServed, found, problems);
            foreach (var folder in Visible(Directory.EnumerateDirectories(_root)))
            {
                var name = Path.GetFileName(folder);
                if (views.Contains(name, StringComparer.Ordinal))
                {
                    Collect(folder, name, isServed, found, problems);
                }
                else if (Visible(Directory.EnumerateFiles(folder, "*" + Extension)).Any())
                {
                    problems.Add(new ZoneProblem(Show(folder), 0, $"there is no view \"{name}\"", $"the views are {string.Join(", ", views)}"));
                }
            }

            return found;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            problems.Add(new ZoneProblem(display, 0, $"cannot list the folder: {error.Message}"));
            return null;
        }
    }

    /// <summary>Reads a file; its error is a word for the user.</summary>
    public IncludedFile Read(string path)
    {
        try
        {
            return new IncludedFile(Show(path), OrdinaryFile.ReadBytes(path, ZoneFileLimits.MaxFileBytes));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            var reason = error is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : error.Message;
            return new IncludedFile(Show(path), null, reason);
        }
    }

    /// <summary>Opens what $INCLUDE names: relative to the zones folder and inside of it.</summary>
    public IncludedFile Open(string name) =>
        Locate(name) is { } path ? Read(path) : new IncludedFile(display, null, $"it has to lie inside {display}/, written relative to it");

    /// <summary>The path of an included file; null when the name leads out of the folder.</summary>
    public string? Locate(string name)
    {
        var given = Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(name));
        var path = Path.GetFullPath(Path.Combine(_root, given));
        return !Path.IsPathRooted(given) && path.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? path : null;
    }

    private void Collect(string folder, string? view, Func<string, bool> isServed, List<FoundZoneFile> found, List<ZoneProblem> problems)
    {
        // Names that differ in case only are the same zone: the file that is served keeps it, else the one in lower case gets it.
        var paths = Visible(Directory.EnumerateFiles(folder, "*" + Extension))
            .OrderByDescending(isServed)
            .ThenBy(path => Path.GetFileName(path).Any(char.IsUpper))
            .ThenBy(path => path, StringComparer.Ordinal);
        foreach (var path in paths)
        {
            var origin = Path.GetFileNameWithoutExtension(path);
            if (!Name.TryParse(origin, Name.Root, out var name, out var error))
            {
                problems.Add(new ZoneProblem(Show(path), 0, $"\"{origin}\" is no zone name: {error}", "name the file after its zone: example.com.zone"));
            }
            else if (found.Find(other => other.View == view && other.Origin == name) is { } twin)
            {
                problems.Add(new ZoneProblem(Show(path), 0, $"its zone is already declared by {twin.Display}, so this file is not read", "keep one of the two"));
            }
            else
            {
                found.Add(new FoundZoneFile(path, Show(path), view, name));
            }
        }
    }

    // Dot files are editors' copies and the versions that mounted configuration keeps; neither is meant.
    private static IEnumerable<string> Visible(IEnumerable<string> paths) => paths.Where(path => !Path.GetFileName(path).StartsWith('.'));

    private string Show(string path) => display + path[_root.Length..].Replace('\\', '/');
}
