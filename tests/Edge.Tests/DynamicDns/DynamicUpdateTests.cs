using Edge.Dns.Wire;
using Edge.Stores;
using Edge.Tests.Stores;
using Xunit;

namespace Edge.Tests.DynamicDns;

/// <summary>Updates of DNS of several names: RFC 2136 section 3.7 and 3.5 want all of one or nothing.</summary>
public sealed class DynamicUpdateTests
{
    // The disk fails at one of the writes, whichever it is.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_update_of_several_names_is_kept_as_a_whole_or_not_at_all(int failing)
    {
        var (armed, writes) = (false, 0);
        using var lab = new DynamicRoomLab(time => new WatchedStore(time, (_, _) =>
        {
            if (armed && ++writes == failing)
            {
                throw new StoreUnavailableException("the disk is away");
            }
        }));
        await lab.StartAsync();
        Assert.Null(await lab.ChangeAsync(("a", "198.51.100.1"), ("b", "198.51.100.2")));
        Assert.Equal(("a b", "a b"), (lab.Answered, await lab.KeptAsync()));

        armed = true;
        var refusal = await lab.ChangeAsync(("a", null), ("b", "198.51.100.3"), ("c", "198.51.100.4"), ("d", "198.51.100.5"));
        armed = false;
        Assert.Equal(refusal is null ? "b c d" : "a b", lab.Answered);
        Assert.Equal(lab.Answered, await lab.KeptAsync());
        Assert.Equal(refusal is null ? "198.51.100.3" : "198.51.100.2", lab.Addresses.All.Single(one => one.Host == "b.example.com").IPv4);
        Assert.True(refusal is null or { Rcode: Rcode.ServFail });

        // So it is after a restart, and a second try is good.
        var before = lab.Answered;
        await lab.StartAsync();
        Assert.Equal(before, lab.Answered);
        Assert.Null(await lab.ChangeAsync(("a", null), ("b", "198.51.100.3"), ("c", "198.51.100.4"), ("d", "198.51.100.5")));
        Assert.Equal("b c d", lab.Answered);
    }
}
