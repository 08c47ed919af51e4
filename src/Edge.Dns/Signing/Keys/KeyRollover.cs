namespace Edge.Dns.Signing.Keys;

/// <summary>
/// The steps by which one key takes another's place, so that at every moment every resolver, whatever it still holds, finds
/// a way from DS to signature (RFC 6781 §4.1; for a CSK the two methods in one).
/// </summary>
public static class KeyRollover
{
    /// <summary>Secondaries and slow parents: added to every wait.</summary>
    public static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    /// <summary>
    /// A new key joins the DNSKEY set. One of the same algorithm does not sign data yet (pre-publication, RFC 6781
    /// §4.1.1.1); one of another algorithm signs at once beside the old one (§4.1.4).
    /// </summary>
    /// <param name="keys">The keys; no rollover is under way.</param>
    /// <param name="role">Which key to exchange; the zone has one of this role.</param>
    /// <param name="algorithm">What the new key is made with.</param>
    /// <param name="longestTtl">The longest TTL in the zone.</param>
    /// <param name="now">The time.</param>
    public static ZoneKeySet Start(ZoneKeySet keys, KeyRole role, SigningAlgorithm algorithm, TimeSpan longestTtl, DateTimeOffset now)
    {
        var old = keys.Keys.Where(key => key.Key.Role == role).ToList();
        var fresh = ZoneKeySet.Fresh(keys.Origin, role, algorithm, keys.Keys.Select(key => key.Key.Tag));
        var atOnce = role != KeyRole.Ksk && old.Any(key => key.Key.Algorithm != algorithm);
        var wait = TimeSpan.FromSeconds(KeyFolder.DnskeyTtl);
        return keys with
        {
            Keys = keys.Keys.Add(new SigningKey(fresh, Signs: atOnce, Announced: false, now)),
            Rollover = new Rollover(RolloverStep.Published, fresh.Tag, [.. old.Select(key => key.Key.Tag)], now + Longer(wait, atOnce ? longestTtl : default) + Margin),
        };
    }

    /// <summary>
    /// Every resolver knows the new key: it signs, and takes the old one's place in what is announced to the parent. A ZSK
    /// is no parent's business: its old key only waits for its signatures to expire.
    /// </summary>
    public static ZoneKeySet Switch(ZoneKeySet keys, TimeSpan longestTtl, DateTimeOffset now)
    {
        var rollover = keys.Rollover!;
        var role = keys.Find(rollover.NewTag)!.Key.Role;
        var otherAlgorithm = rollover.OldTags.Any(tag => keys.Find(tag)?.Key.Algorithm != keys.Find(rollover.NewTag)!.Key.Algorithm);
        return keys with
        {
            Keys =
            [
                .. keys.Keys.Select(key => key.Key.Tag == rollover.NewTag
                    ? key with { Signs = role != KeyRole.Ksk, Announced = role != KeyRole.Zsk, Since = now }
                    : rollover.OldTags.Contains(key.Key.Tag) ? key with { Signs = key.Signs && otherAlgorithm, Announced = false, Since = now } : key),
            ],
            Rollover = role == KeyRole.Zsk
                ? rollover with { Step = RolloverStep.Retired, NotBefore = now + longestTtl + Margin }
                : rollover with { Step = RolloverStep.Announced, NotBefore = now },
        };
    }

    /// <summary>The parent has the new DS and not the old one: the old DS and the old signatures have to expire.</summary>
    public static ZoneKeySet Confirm(ZoneKeySet keys, TimeSpan dsTtl, TimeSpan longestTtl, DateTimeOffset now) => keys with
    {
        Rollover = keys.Rollover! with { Step = RolloverStep.Retired, NotBefore = now + Longer(dsTtl, longestTtl) + Margin },
    };

    /// <summary>Nobody needs the old keys any more.</summary>
    public static ZoneKeySet Finish(ZoneKeySet keys) => keys with
    {
        Keys = [.. keys.Keys.Where(key => !keys.Rollover!.OldTags.Contains(key.Key.Tag))],
        Rollover = null,
    };

    /// <summary>Takes back a rollover whose new key is in nobody's DS yet.</summary>
    public static ZoneKeySet Cancel(ZoneKeySet keys) => keys with
    {
        Keys = [.. keys.Keys.Where(key => key.Key.Tag != keys.Rollover!.NewTag)],
        Rollover = null,
    };

    private static TimeSpan Longer(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
