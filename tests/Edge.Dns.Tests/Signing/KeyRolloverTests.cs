using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>RFC 6781 §4.1: whatever a resolver still holds from before a step, it finds a way from the DS to every signature.</summary>
public sealed class KeyRolloverTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan LongestTtl = TimeSpan.FromDays(2);
    private static readonly TimeSpan DsTtl = TimeSpan.FromDays(1);

    public static TheoryData<KeyRole, SigningAlgorithm> Rollovers => new()
    {
        { KeyRole.Csk, SigningAlgorithm.EcdsaP256Sha256 },
        { KeyRole.Csk, SigningAlgorithm.Ed25519 },
        { KeyRole.Ksk, SigningAlgorithm.EcdsaP256Sha256 },
        { KeyRole.Zsk, SigningAlgorithm.EcdsaP256Sha256 },
    };

    [Theory]
    [MemberData(nameof(Rollovers))]
    public void At_no_step_a_resolver_is_left_without_a_way(KeyRole role, SigningAlgorithm algorithm)
    {
        var states = new List<(ZoneKeySet Keys, HashSet<ushort> Ds, TimeSpan Waited)>();
        var keys = ZoneKeySet.Create(SignedZones.Origin, SigningAlgorithm.EcdsaP256Sha256, role != KeyRole.Csk, Start);
        var ds = Announced(keys);
        states.Add((keys, ds, default));
        keys = KeyRollover.Start(keys, role, algorithm, LongestTtl, Start);
        states.Add((keys, ds, keys.Rollover!.NotBefore - Start));
        keys = KeyRollover.Switch(keys, LongestTtl, Start);
        states.Add((keys, ds, role == KeyRole.Zsk ? keys.Rollover!.NotBefore - Start : default));
        if (role != KeyRole.Zsk)
        {
            // The parent exchanges the DS while the step waits for it.
            ds = Announced(keys);
            states.Add((keys, ds, default));
            keys = KeyRollover.Confirm(keys, DsTtl, LongestTtl, Start);
            states.Add((keys, ds, keys.Rollover!.NotBefore - Start));
        }

        keys = KeyRollover.Finish(keys);
        states.Add((keys, ds, default));
        Assert.Null(keys.Rollover);
        Assert.Equal(role == KeyRole.Csk ? 1 : 2, keys.Keys.Length);

        for (var now = 0; now < states.Count; now++)
        {
            foreach (var dnskey in Held(states, now, TimeSpan.FromSeconds(KeyFolder.DnskeyTtl)))
            {
                foreach (var data in Held(states, now, LongestTtl))
                {
                    var known = dnskey.Keys.Keys.Select(key => key.Key.Tag).ToHashSet();
                    Assert.Contains(data.Keys.DataSigners, key => known.Contains(key.Tag));
                }

                foreach (var parent in Held(states, now, DsTtl))
                {
                    // An entry point that the DS names, and that has signed this DNSKEY set.
                    Assert.Contains(dnskey.Keys.EntryPoints, key => parent.Ds.Contains(key.Tag));
                }
            }
        }
    }

    [Fact]
    public void A_rollover_that_is_taken_back_leaves_what_was_there()
    {
        var keys = ZoneKeySet.Create(SignedZones.Origin, SigningAlgorithm.EcdsaP256Sha256, false, Start);
        var back = KeyRollover.Cancel(KeyRollover.Start(keys, KeyRole.Csk, SigningAlgorithm.EcdsaP256Sha256, LongestTtl, Start));
        Assert.Equal(keys.Keys, back.Keys);
        Assert.Null(back.Rollover);
    }

    // What a resolver may have fetched: in this state, or in one before that it has not outlived.
    private static IEnumerable<(ZoneKeySet Keys, HashSet<ushort> Ds, TimeSpan Waited)> Held(List<(ZoneKeySet Keys, HashSet<ushort> Ds, TimeSpan Waited)> states, int now, TimeSpan ttl)
    {
        yield return states[now];
        var since = TimeSpan.Zero;
        for (var i = now - 1; i >= 0; i--)
        {
            // Fetched at the end of state i: the time that state i+1 … now-1 lasted has passed.
            since += i + 1 < now ? states[i + 1].Waited : TimeSpan.Zero;
            if (since >= ttl)
            {
                yield break;
            }

            yield return states[i];
        }
    }

    private static HashSet<ushort> Announced(ZoneKeySet keys) => [.. keys.Keys.Where(key => key.Announced).Select(key => key.Key.Tag)];
}
