using System.Runtime.CompilerServices;

namespace Edge.Tests.HouseRules;

/// <summary>The files of this repository as the tests see them: found from the folder the tests run in.</summary>
internal static class Repository
{
    private static readonly string[] GeneratedFolders = ["bin", "obj", "artifacts", "data", ".git", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Every C# file below the folders named, as (path from the root, text).</summary>
    public static IEnumerable<SourceFile> SourceFiles(params string[] folders) =>
        folders.SelectMany(folder => Files(folder, "*.cs")).Select(path => new SourceFile(path, File.ReadAllText(Path.Combine(Root, path))));

    /// <summary>Files below a folder of the repository, as paths from the root with forward slashes, in stable order.</summary>
    public static IEnumerable<string> Files(string folder, string pattern)
    {
        var start = Path.Combine(Root, folder);
        return Directory.Exists(start) ? Walk(start, pattern).Select(path => Path.GetRelativePath(Root, path).Replace('\\', '/')).Order(StringComparer.Ordinal) : [];
    }

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder, string pattern) =>
        Directory.EnumerateFiles(folder, pattern).Concat(Directory.EnumerateDirectories(folder)
            .Where(inner => !GeneratedFolders.Contains(Path.GetFileName(inner)))
            .SelectMany(inner => Walk(inner, pattern)));

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        foreach (var start in new[] { AppContext.BaseDirectory, Path.GetDirectoryName(thisFile) ?? "" })
        {
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "Edge.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new InvalidOperationException("Edge.sln is in no folder above the tests.");
    }
}
