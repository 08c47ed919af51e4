using System.Runtime.Versioning;
using Edge.Dns.Files;
using Xunit;

namespace Edge.Dns.Tests.Files;

/// <summary>Files that others name are read whole, up to their bound, and only when they are files.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class OrdinaryFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-ordinary-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(1 << 20)]
    public void All_of_a_file_comes_up_to_the_bound_itself(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);
        var path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, bytes);
        Assert.Equal(bytes, OrdinaryFile.ReadBytes(path, length));
        Assert.Null(OrdinaryFile.ProblemOf(path, length));
    }

    [Fact]
    public void One_byte_more_is_too_large()
    {
        var path = Path.Combine(_folder, "file");
        File.WriteAllBytes(path, new byte[2049]);
        Assert.Equal("it is larger than 2 KiB", OrdinaryFile.ProblemOf(path, 2048));
        Assert.Equal("it is larger than 2 KiB", Assert.Throws<IOException>(() => OrdinaryFile.ReadBytes(path, 2048)).Message);
    }

    [Theory]
    [InlineData("/proc/self/status")]
    [InlineData("/proc/cpuinfo")]
    public void A_file_that_says_it_is_empty_is_read_and_bounded_all_the_same(string path)
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("there is no /proc");
        }

        Assert.Contains((byte)'\n', OrdinaryFile.ReadBytes(path, 4 << 20));
        Assert.Equal("it is larger than 0 KiB", Assert.Throws<IOException>(() => OrdinaryFile.ReadBytes(path, 100)).Message);
    }

    [Fact]
    public void What_is_not_there_is_no_problem_of_the_file()
    {
        Assert.Null(OrdinaryFile.ProblemOf(Path.Combine(_folder, "later"), 1));
        Assert.Throws<FileNotFoundException>(() => OrdinaryFile.ReadBytes(Path.Combine(_folder, "later"), 1));
    }
}
