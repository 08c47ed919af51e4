using System.Runtime.CompilerServices;
using Xunit;

namespace Edge.Tests;

/// <summary>What is gathered in huge pages is the collector's heap, and nothing beside it.</summary>
public sealed class LargeHeapTests
{
    private const string Heap = "7f0000400000-7f0000800000 rw-p 00000000 00:00 0 ";

    public static TheoryData<string, string[], int[]> Maps => new()
    {
        { "a part that is used", [Heap], [4] },
        { "parts with reserved room between them", ["7f0000000000-7f0000400000 rw-p 00000000 00:00 0 ", Heap, "7f0000800000-7f0000c00000 ---p 00000000 00:00 0 ", "7f0000c00000-7f0001000000 rw-p 00000000 00:00 0 "], [0, 4, 12] },
        { "another range before a hole", ["7e0000000000-7e0000400000 rw-p 00000000 00:00 0 ", Heap], [4] },
        { "another range behind a hole", [Heap, "7f0000c00000-7f0001000000 rw-p 00000000 00:00 0 "], [4] },
        { "a file before it", ["7f0000000000-7f0000400000 rw-p 00000000 fe:00 12   /opt/edge", Heap], [4] },
        { "a file behind it", [Heap, "7f0000800000-7f0000c00000 rw-p 00000000 fe:00 12   /opt/edge", "7f0000c00000-7f0001000000 rw-p 00000000 00:00 0 "], [4] },
        { "the heap of the C library before it", ["7f0000000000-7f0000400000 rw-p 00000000 00:00 0    [heap]", Heap], [4] },
        { "no heap", ["7e0000000000-7e0000400000 rw-p 00000000 00:00 0 "], [] },
    };

    [Theory]
    [MemberData(nameof(Maps))]
    public void The_range_of_the_collector_is_gathered_and_nothing_beside_it(string what, string[] maps, int[] starts)
    {
        long[] expected = [.. starts.Select(static mebibytes => 0x7f0000000000 + ((long)mebibytes << 20))];
        Assert.True(expected.SequenceEqual(LargeHeap.Writable(maps, unchecked((nint)0x7f0000500000)).Select(static part => (long)part.From)), what);
    }

    [Fact]
    public void Objects_lie_in_huge_pages_and_are_what_they_were()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "huge pages are asked for on Linux");
        byte[][] old = [.. Enumerable.Range(0, 64).Select(static number => Enumerable.Repeat((byte)number, 1 << 20).ToArray())];
        Assert.SkipUnless(LargeHeap.Collapse(), $"this kernel ({Environment.OSVersion.Version}) does not gather pages (Linux 6.1)");

        var first = old[1];
        Assert.True(HugeAround(Unsafe.As<byte[], nint>(ref first)) > 0);
        Assert.All(old, static (piece, number) => Assert.Equal(-1, piece.AsSpan().IndexOfAnyExcept((byte)number)));
    }

    // How much of the mapping of an address the kernel says lies in huge pages.
    private static long HugeAround(nint address)
    {
        var inside = false;
        foreach (var line in File.ReadLines("/proc/self/smaps"))
        {
            if (line.StartsWith("AnonHugePages:", StringComparison.Ordinal) && inside)
            {
                return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
            }

            if (line.Split(' ')[0].Split('-') is [var from, var until] && nint.TryParse(from, System.Globalization.NumberStyles.HexNumber, null, out var start))
            {
                inside = address >= start && address < nint.Parse(until, System.Globalization.NumberStyles.HexNumber);
            }
        }

        return 0;
    }
}
