using System.Runtime.Versioning;
using Edge.Admin;
using Edge.Settings;
using Edge.Tests.Certificates;
using Edge.Tests.Whole;

namespace Edge.Tests.Settings;

/// <summary>
/// What is named as a file and is none: a device that has no end, a pipe with nobody at its other end, a folder, a file
/// of gigabytes. Wherever it is named, it is told with its place and holds up nothing.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class BadFilesTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Where a file can be named, and what its place is called.
    private static readonly (string Yaml, string Place)[] Settings =
    [
        ("filter: {lists: {bad: FILE}}", "edge.yaml:2: filter.lists.bad: FILE cannot be read: "),
        ("filter: {lists: {bad: {from: FILE}}}", "edge.yaml:2: filter.lists.bad.from: FILE cannot be read: "),
        ("dns: {upstream-ca: FILE}", "edge.yaml:2: dns.upstream-ca: FILE cannot be read: "),
        ("dns: {root-hints: FILE}", "edge.yaml:2: dns.root-hints: FILE cannot be read: "),
        ("dns: {trust-anchors: FILE}", "edge.yaml:2: dns.trust-anchors: FILE cannot be read: "),
        ("dns: {keys: {k: {secret-file: FILE}}}", "edge.yaml:2: dns.keys.k.secret-file: FILE cannot be read: "),
        ("dns: {zones: {example.org: {primaries: {address: 192.0.2.1, tls: {root: FILE}}}}}", "edge.yaml:2: dns.zones.example.org.primaries.tls.root: FILE cannot be read: "),
        ("certificates: {acme: {directory: 'https://ca.example/d', agree-to-terms: true, trusted-root: FILE}}", "edge.yaml:2: certificates.acme.trusted-root: FILE cannot be read: "),
    ];

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string, string> Cases()
    {
        var cases = new TheoryData<string, string, string>();
        foreach (var (yaml, place) in Settings)
        {
            cases.Add(yaml, "device", place + "it is a device or a pipe");
            cases.Add(yaml, "pipe", place + "it is a device or a pipe");
            cases.Add(yaml, "link", place + "it is a device or a pipe");
            cases.Add(yaml, "folder", place + "it is a folder");
            cases.Add(yaml, "huge", place + "it is larger than ");
        }

        foreach (var kind in (string[])["device", "pipe", "huge"])
        {
            cases.Add("dns: {leases: [FILE]}", kind, "edge.yaml:2: dns.leases[0]: FILE cannot be read: ");
        }

        cases.Add("queries: {file: FILE}", "device", "edge.yaml:2: queries.file: FILE is a device or a pipe");
        cases.Add("queries: {file: FILE}", "pipe", "edge.yaml:2: queries.file: FILE is a device or a pipe");
        return cases;
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_setting_that_names_it_is_told(string yaml, string kind, string expected)
    {
        var file = await MakeAsync(kind, "bad");
        var report = await CheckAsync(yaml.Replace("FILE", file, StringComparison.Ordinal));
        Assert.StartsWith(expected.Replace("FILE", file, StringComparison.Ordinal), Assert.Single(report.Errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("proxy-routes/bad.yaml", "device", "proxy-routes/bad.yaml: cannot be read: it is a device or a pipe")]
    [InlineData("proxy-routes/bad.yaml", "pipe", "proxy-routes/bad.yaml: cannot be read: it is a device or a pipe")]
    [InlineData("proxy-routes/bad.yaml", "huge", "proxy-routes/bad.yaml: cannot be read: it is larger than 4 MiB")]
    [InlineData("proxy-routes/bad.json", "pipe", "proxy-routes/bad.json: cannot be read: it is a device or a pipe")]
    [InlineData("zones/example.org.zone", "device", "zones/example.org.zone: cannot read the file: it is a device or a pipe")]
    [InlineData("zones/example.org.zone", "pipe", "zones/example.org.zone: cannot read the file: it is a device or a pipe")]
    [InlineData("zones/example.org.zone", "huge", "zones/example.org.zone: cannot read the file: it is larger than 512 MiB")]
    [InlineData("zones/part.txt", "device", "zones/example.net.zone:1: cannot include \"part.txt\": it is a device or a pipe")]
    [InlineData("zones/part.txt", "pipe", "zones/example.net.zone:1: cannot include \"part.txt\": it is a device or a pipe")]
    [InlineData("zones/part.txt", "folder", "zones/example.net.zone:1: cannot include \"part.txt\": it is a folder")]
    [InlineData("zones/part.txt", "huge", "zones/example.net.zone:1: cannot include \"part.txt\": it is larger than 512 MiB")]
    public async Task A_folder_that_holds_it_is_told(string place, string kind, string expected)
    {
        var file = await MakeAsync(kind, "bad");
        var link = Path.Combine(_folder.Path, place);
        Directory.CreateDirectory(Path.GetDirectoryName(link)!);
        File.CreateSymbolicLink(link, file);
        if (place.EndsWith(".txt", StringComparison.Ordinal))
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.Path, "zones", "example.net.zone"), "$INCLUDE part.txt\n");
        }

        Assert.Contains((await CheckAsync("")).Errors, error => error.StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("device")]
    [InlineData("pipe")]
    [InlineData("huge")]
    [InlineData("folder")]
    public async Task As_edge_yaml_itself_it_is_told(string kind)
    {
        var file = await MakeAsync(kind, "edge.yaml");
        var problems = new ProblemList();
        await Task.Run(() => EdgeOptionsFile.Load(file, problems)).WaitAsync(Patience);
        Assert.Contains("edge.yaml: cannot be read: it is ", Assert.Single(problems.All).ToString().Replace("zero", "edge.yaml", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private async Task<FileCheckReport> CheckAsync(string yaml)
    {
        var problems = new ProblemList();
        return await Task.Run(() =>
        {
            var options = EdgeOptionsFile.Parse($"domain: example.com\n{yaml}", "edge.yaml", problems, _folder.Path) with { Folder = _folder.Path };
            return FileCheck.Of(options, problems);
        }).WaitAsync(Patience);
    }

    private async Task<string> MakeAsync(string kind, string name)
    {
        var path = Path.Combine(_folder.Path, name);
        switch (kind)
        {
            case "device":
                return "/dev/zero";
            case "link":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "pipe":
                await Shell.OutputAsync("mkfifo", path);
                break;
            case "folder":
                Directory.CreateDirectory(path);
                break;
            default:
                // It takes no room on the disk: there is nothing in it.
                using (var file = File.Create(path))
                {
                    file.SetLength(3L << 30);
                }

                break;
        }

        return path;
    }
}
