using Edge.Dns.Snapshots;
using Xunit;

namespace Edge.Dns.Tests.Snapshots;

/// <summary>Maps that follow each other.</summary>
public sealed class ShardedMapTests
{
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 400)]
    [InlineData(3, 5000)]
    public void A_map_holds_what_was_set_and_the_one_before_it_what_was_set_then(int seed, int keys)
    {
        var random = new Random(seed);
        var (map, expected) = (new ShardedMap<string, string>(StringComparer.Ordinal), new Dictionary<string, string>());
        for (var turn = 0; turn < 50; turn++)
        {
            var (before, was) = (map, new Dictionary<string, string>(expected));
            var editor = map.Edit();
            for (var i = random.Next(20); i > 0; i--)
            {
                var key = $"host{random.Next(keys)}.example";
                var value = random.Next(3) == 0 ? null : $"{turn}.{i}";
                editor.Set(key, value);
                Assert.Equal(value, editor.Find(key));
                _ = value is null ? expected.Remove(key) : (expected[key] = value) == value;
            }

            map = editor.ToMap();
            Same(expected, map);
            Same(was, before);
            var differing = ShardedMap<string, string>.Differing(before, map).OrderBy(one => one.Key, StringComparer.Ordinal).ToList();
            Assert.Equal(was.Keys.Union(expected.Keys).Where(key => was.GetValueOrDefault(key) != expected.GetValueOrDefault(key)).Order(StringComparer.Ordinal), differing.Select(one => one.Key));
            Assert.All(differing, one => Assert.Equal((was.GetValueOrDefault(one.Key), expected.GetValueOrDefault(one.Key)), (one.Before, one.After)));
        }
    }

    [Fact]
    public void What_an_editor_gave_out_is_not_changed_by_it_afterwards()
    {
        var editor = new ShardedMap<string, string>().Edit();
        editor.Set("a", "1");
        var first = editor.ToMap();
        editor.Set("a", "2");
        Assert.Equal("1", first.Find("a"));
        Assert.Equal("2", editor.ToMap().Find("a"));
    }

    [Fact]
    public void Nothing_set_is_the_same_map()
    {
        var editor = new ShardedMap<string, string>().Edit();
        editor.Set("a", "1");
        var map = editor.ToMap();
        editor = map.Edit();
        editor.Set("a", map.Find("a"));
        editor.Set("b", null);
        Assert.Same(map, editor.ToMap());
    }

    private static void Same(Dictionary<string, string> expected, ShardedMap<string, string> map)
    {
        Assert.Equal(expected.Count, map.Count);
        Assert.Equal(expected.OrderBy(pair => pair.Key, StringComparer.Ordinal), map.All.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.All(expected, pair => Assert.Equal(pair.Value, map.FindBy(pair.Key.AsSpan())));
    }
}
