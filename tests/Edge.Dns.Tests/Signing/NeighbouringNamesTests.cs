using Edge.Dns.Signing;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>RFC 4470 §2: a proof made for one name covers that name, what lies below it, and nothing that exists beside it.</summary>
public sealed class NeighbouringNamesTests
{
    private static readonly string Longest = new('x', 63);

    public static TheoryData<string> Names => new(
        "b.example.", "www.example.", "WWW.example.", "a.b.c.example.", "z.example.", "[.example.", @"\255.example.", @"\001.example.",
        @"www\000.example.", @"x\001\000.example.", $"{Longest}.example.", $"{new string('\u007f', 63)}.example.", @"\{.example.", "0.example.", "-.example.",
        $"{Longest}.{Longest}.{Longest}.{new string('x', 61)}.", "a.");

    [Theory]
    [MemberData(nameof(Names))]
    public void The_range_lies_around_the_name_and_all_below_it(string text)
    {
        var name = Name.Parse(text);
        var before = Name.FromWire(NeighbouringNames.Before(name.Wire)!);
        var after = Name.FromWire(NeighbouringNames.AfterSubtree(name.Wire));
        Assert.True(before.CompareTo(name) < 0, $"{before} is before {name}");
        Assert.True(after.IsRoot || after.CompareTo(name) > 0, $"{after} is after {name}");
        Assert.False(after.IsAtOrBelow(name));
        if (name.Wire.Length + 5 < Name.MaxWireLength)
        {
            var below = name.Prepend("zz").Prepend([255]);
            Assert.True(after.IsRoot || below.CompareTo(after) < 0, $"{below} is before {after}");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_next_name_is_the_first_one_below(string text)
    {
        var name = Name.Parse(text);
        var next = Name.FromWire(NeighbouringNames.FirstBelow(name.Wire));
        Assert.True(next.CompareTo(name) > 0);
        Assert.True(name.Wire.Length + 2 > Name.MaxWireLength || next == name.Prepend([0]));
    }

    [Theory]
    [InlineData("b", "a")]
    [InlineData("b", "aa")]
    [InlineData("b", "a~~~")]
    [InlineData("bc", "bb~")]
    [InlineData("bc", "b")]
    [InlineData("b", "b-c")]
    [InlineData(@"www\000", "www")]
    [InlineData(@"www\000", "www.www")]
    [InlineData("b", "zzz.a")]
    public void Siblings_that_people_use_stay_outside(string of, string sibling)
    {
        var name = Name.Parse(of + ".example.");
        var other = Name.Parse(sibling + ".example.");
        var before = Name.FromWire(NeighbouringNames.Before(name.Wire)!);
        var after = Name.FromWire(NeighbouringNames.AfterSubtree(name.Wire));
        Assert.True(other.CompareTo(before) < 0 || other.CompareTo(after) >= 0, $"{other} lies between {before} and {after}");
    }

    [Fact]
    public void Before_the_first_name_below_its_parent_there_is_only_the_parent()
    {
        Assert.Null(NeighbouringNames.Before(Name.Parse(@"\000.example.").Wire));
    }
}
