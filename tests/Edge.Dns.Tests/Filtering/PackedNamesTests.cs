using System.Text;
using Edge.Dns.Filtering;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Filtering;

/// <summary>The compact set beside the plainest one there is.</summary>
public sealed class PackedNamesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Names_made_by_chance_are_found_with_their_numbers_and_no_others(int seed)
    {
        var random = new Random(seed);
        var expected = new Dictionary<Name, int>();
        using var builder = new PackedNamesBuilder();
        for (var i = 0; i < 20_000; i++)
        {
            var name = RandomName(random);
            var value = random.Next(PackedNamesBuilder.MaxValue);
            expected[name] = value;
            NameKeys.Read(name.Wire, out var keys);
            builder.Set(in keys, value);
        }

        var names = builder.Build();
        Assert.Equal(expected.Count, names.Count);
        foreach (var (name, value) in expected)
        {
            Assert.Equal(value, Find(names, Name.FromWire(Upper(name.Wire))));
        }

        for (var i = 0; i < 20_000; i++)
        {
            var name = RandomName(random);
            Assert.Equal(expected.GetValueOrDefault(name, -1), Find(names, name));
        }
    }

    [Fact]
    public void A_name_s_suffixes_have_the_hashes_of_those_names()
    {
        Span<byte> text = stackalloc byte[255];
        var random = new Random(7);
        for (var i = 0; i < 1000; i++)
        {
            var name = RandomName(random);
            NameKeys.Read(name.Wire, out var keys);
            Assert.Equal(name.LabelCount, keys.Labels);
            var suffix = 0;
            for (var above = name; above is not null; above = above.Parent, suffix++)
            {
                NameKeys.Read(above.Wire, out var own);
                Assert.Equal(own.Hash(0), keys.Hash(suffix));
                Assert.Equal(above, Name.FromWire(keys.Suffix(suffix)));
            }

            Assert.Equal(string.Join('.', Labels(name)), Encoding.Latin1.GetString(text[..keys.WriteText(text)]));
        }
    }

    [Fact]
    public void A_million_names_that_are_long_take_less_than_fifty_megabytes()
    {
        using var list = new MillionNames(1_000_000);
        var rules = FilterRules.Read([(new FilterSource("big", FilterTier.List, default), "big", () => list)], [], TestContext.Current.CancellationToken);
        Assert.Equal(1_000_000, rules.NameCount);
        Assert.InRange(rules.Bytes, 20 << 20, 50 << 20);
        var policy = TestRules.Policy(rules);
        for (var i = 0; i < 1_000_000; i += 997)
        {
            Assert.Equal(VerdictKind.Blocked, policy.Judge(MillionNames.NameOf(i)));
            Assert.Equal(VerdictKind.None, policy.Judge("x" + MillionNames.NameOf(i)));
        }
    }

    private static int Find(PackedNames names, Name name)
    {
        NameKeys.Read(name.Wire, out var keys);
        return names.Find(in keys, 0);
    }

    private static byte[] Upper(ReadOnlySpan<byte> wire)
    {
        var upper = wire.ToArray();
        for (var i = 0; upper[i] != 0; i += upper[i] + 1)
        {
            for (var j = i + 1; j <= i + upper[i]; j++)
            {
                upper[j] = upper[j] is >= (byte)'a' and <= (byte)'z' ? (byte)(upper[j] - 32) : upper[j];
            }
        }

        return upper;
    }

    private static IEnumerable<string> Labels(Name name)
    {
        for (var here = name; !here.IsRoot; here = here.Parent!)
        {
            yield return string.Concat(here.FirstLabel.ToArray().Select(b => (char)NameComparison.Lower(b)));
        }
    }

    // Few different labels, so that names share their ends; some bytes that are no letters.
    private static Name RandomName(Random random)
    {
        var name = Name.Root;
        for (var labels = random.Next(1, 6); labels > 0; labels--)
        {
            var label = new byte[random.Next(1, random.Next(4) == 0 ? 30 : 4)];
            for (var i = 0; i < label.Length; i++)
            {
                label[i] = random.Next(20) == 0 ? (byte)random.Next(1, 256) : (byte)('a' + random.Next(6));
            }

            name = name.Prepend(label);
        }

        return name;
    }
}
