using Edge.Tests.Whole;

namespace Edge.Tests.Docker;

/// <summary>The smallest image there is: one static program and a page, served at 8080.</summary>
internal static class ContainerImage
{
    public const string Name = "bb:1";

    /// <summary>Packs it; the words by which an engine's client imports it.</summary>
    /// <param name="folder">Where it is put together.</param>
    public static async Task<string[]> PackAsync(string folder)
    {
        var root = Path.Combine(folder, "image");
        Directory.CreateDirectory(Path.Combine(root, "bin"));
        Directory.CreateDirectory(Path.Combine(root, "tmp"));
        Directory.CreateDirectory(Path.Combine(root, "www"));
        File.Copy((await Shell.OutputAsync("sh", "-c", "command -v busybox")).Trim(), Path.Combine(root, "bin", "busybox"));
        foreach (var program in (string[])["sh", "httpd", "test", "touch", "rm", "hostname", "mkdir"])
        {
            File.CreateSymbolicLink(Path.Combine(root, "bin", program), "busybox");
        }

        await File.WriteAllTextAsync(Path.Combine(root, "www", "index.html"), "hello from a container\n");
        var archive = Path.Combine(folder, "image.tar");
        await Shell.OutputAsync("tar", "-C", root, "-cf", archive, ".");
        return ["import", "-c", "CMD [\"/bin/httpd\",\"-f\",\"-p\",\"8080\",\"-h\",\"/www\"]", "-c", "EXPOSE 8080", archive, Name];
    }
}
