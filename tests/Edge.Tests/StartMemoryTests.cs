using Xunit;

namespace Edge.Tests;

/// <summary>Only pages that can be read from the program's file again are given back.</summary>
public sealed class StartMemoryTests
{
    [Theory]
    [InlineData("1000-3000 r-xp 00001000 fe:00 12   /opt/edge", "0 kB", true)]
    [InlineData("1000-3000 r--p 00001000 fe:00 12   /opt/edge", "0 kB", true)]
    // Relocated: the file does not have what stands there.
    [InlineData("1000-3000 r--p 00001000 fe:00 12   /opt/edge", "4 kB", false)]
    [InlineData("1000-3000 rw-p 00001000 fe:00 12   /opt/edge", "0 kB", false)]
    [InlineData("1000-3000 r-xp 00001000 fe:00 12   /usr/lib/libc.so.6", "0 kB", false)]
    [InlineData("1000-3000 r-xp 00000000 00:00 0    [vdso]", "0 kB", false)]
    [InlineData("1000-3000 r--p 00000000 00:00 0 ", "0 kB", false)]
    public void What_is_given_back_is_the_programs_and_unwritten(string mapping, string anonymous, bool given)
    {
        string[] smaps = [mapping, "Size:                  8 kB", "Rss:                   8 kB", $"Anonymous:             {anonymous}", "VmFlags: rd ex mr mw me"];
        Assert.Equal(given ? [((nint)0x1000, (nint)0x3000)] : [], StartMemory.Unwritten(smaps, "/opt/edge"));
    }
}
