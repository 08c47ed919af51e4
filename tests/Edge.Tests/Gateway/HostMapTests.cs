using System.Runtime.CompilerServices;
using Edge.Gateway;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>The table of hosts beside a plain dictionary, through changes made by chance.</summary>
public sealed class HostMapTests
{
    [Theory]
    [InlineData(1, 20)]
    [InlineData(2, 400)]
    [InlineData(3, 5000)]
    public void A_map_holds_what_was_set_and_the_one_before_it_what_was_set_then(int seed, int hosts)
    {
        var random = new Random(seed);
        var (map, expected) = (HostMap.Empty, new Dictionary<string, HostSlot>());
        for (var turn = 0; turn < 60; turn++)
        {
            var (before, was) = (map, new Dictionary<string, HostSlot>(expected));
            var editor = map.Edit();
            for (var i = random.Next(hosts); i > 0; i--)
            {
                var host = Host(random.Next(hosts));
                var slot = random.Next(3) == 0 ? null : new HostSlot(host, []);
                editor.Set(host, slot);
                Assert.Same(slot, editor.Find(host));
                _ = slot is null ? expected.Remove(host) : (expected[host] = slot) == slot;
            }

            map = editor.ToMap();
            Same(expected, map, hosts);
            Same(was, before, hosts);
        }
    }

    [Fact]
    public void What_an_editor_gave_out_is_not_changed_by_it_afterwards()
    {
        var (one, two) = (new HostSlot("a.example", []), new HostSlot("a.example", []));
        var editor = HostMap.Empty.Edit();
        editor.Set("a.example", one);
        var first = editor.ToMap();
        editor.Set("a.example", two);
        Assert.Same(one, first.Find("a.example"));
        Assert.Same(two, editor.ToMap().Find("a.example"));
    }

    [Theory]
    [InlineData("a.example", "a.exampla")]
    [InlineData("a-name-of-thirty-one.octets.test", "a-name-of-thirty-one.octets.tesu")]
    [InlineData("a-name-that-is-longer-than-what-lies-in-a-place.example", "a-name-that-is-longer-than-what-lies-in-a-place.exampla")]
    public void A_place_is_of_its_own_host_only_whatever_the_hash(string host, string other)
    {
        var cell = new HostCell(new HostKey(host), new HostSlot(host, []));
        Assert.True(cell.IsOf(new HostKey(host)));
        foreach (var strange in new[] { other, host[..^1], host + "x", "" })
        {
            Assert.False(cell.HasLettersOf(strange));
        }
    }

    [Fact]
    public void Of_small_places_many_lie_together() => Assert.Equal(24, Unsafe.SizeOf<HostCell>());

    // Short ones, and some that are too long to lie in their place.
    private static string Host(int number) => number % 3 == 0 ? $"host{number}.with-a-name-that-is-rather-long.example" : $"s{number}.home.test";

    private static void Same(Dictionary<string, HostSlot> expected, HostMap map, int hosts)
    {
        Assert.Equal(expected.Count, map.Count);
        Assert.Equal(expected.Values.ToHashSet(), map.Values.ToHashSet());
        for (var number = 0; number < hosts; number++)
        {
            Assert.Same(expected.GetValueOrDefault(Host(number)), map.Find(Host(number)));
            Assert.Same(expected.GetValueOrDefault(Host(number)), map.Find(new HostKey(Host(number))).Slot);
            Assert.Equal(expected.GetValueOrDefault(Host(number))?.Name, map.Find(new HostKey(Host(number))).Name);
        }
    }
}
