namespace Edge.Tests.Whole;

/// <summary>A service manager may hide from Edge what /proc says of the machine and of others.</summary>
public sealed class HiddenProcTests
{
    [Theory]
    // What systemd's ProcSubset=pid and ProtectProc=invisible make of it.
    [InlineData("mount -t proc -o subset=pid,hidepid=2 proc /proc", false)]
    // Nothing at all: only the published program can begin so, the framework's host cannot.
    [InlineData("mount -t tmpfs tmpfs /proc", true)]
    public async Task Edge_starts_and_serves(string hide, bool needsPublished)
    {
        Shell.Need("unshare", "util-linux");
        Assert.SkipWhen(needsPublished && EdgeProcess.PublishedBinary is null, "there is no published binary (EDGE_BINARY): test.sh makes one where a linker is (apt-get install clang zlib1g-dev)");
        await using var edge = EdgeProcess.InExampleFolder(needsPublished ? EdgeProcess.PublishedBinary : null);
        edge.Before = ["unshare", "--mount", "sh", "-c", $"{hide} && exec \"$0\" \"$@\""];
        await edge.StartAsync();
        using var api = edge.Api();
        Assert.Contains("edge_build_info", await api.GetStringAsync("/metrics"), StringComparison.Ordinal);
        Assert.DoesNotContain("Unhandled", edge.Output, StringComparison.Ordinal);
    }
}
