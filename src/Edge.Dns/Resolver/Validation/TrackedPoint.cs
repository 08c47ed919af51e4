using System.Collections.Immutable;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>A trust point whose keys are followed as they are exchanged (RFC 5011): the anchors given at first, and what was seen since.</summary>
/// <param name="Given">The anchors of the settings.</param>
/// <param name="Keys">The keys seen.</param>
internal sealed record TrackedPoint(TrustPoint Given, ImmutableArray<AnchorKey> Keys)
{
    // RFC 5011 §2.4.1, §4.2.
    private static readonly TimeSpan HoldDown = TimeSpan.FromDays(30);

    private const ushort SecureEntryPoint = 0x0001;

    /// <summary>What is trusted now; null when all of it was revoked: then there is no trust point any more (§5).</summary>
    public TrustPoint? Trusted
    {
        get
        {
            var gone = Keys.Where(key => key.IsGone).ToList();
            var point = new TrustPoint(
                Given.Zone,
                [.. Given.Signers.Where(ds => !gone.Exists(key => key.IsNamedBy(Given.Zone, ds)))],
                [.. Given.Keys.Where(data => !gone.Exists(key => key.Data == data)).Union(Keys.Where(key => key.IsTrusted).Select(key => key.Data))]);
            return point.Signers.IsEmpty && point.Keys.IsEmpty ? null : point;
        }
    }

    /// <summary>
    /// The point with what the state file says of its zone. A key is trusted because keys before it were, so that after a change of
    /// the given anchors none of the others counts. What was taken back stays so: that was said by the key itself (RFC 5011 §2.1).
    /// </summary>
    /// <param name="given">The anchors of the settings.</param>
    /// <param name="known">What the file says.</param>
    public static TrackedPoint Resume(TrustPoint given, RememberedPoint known) =>
        new(given, known.Origin == given.Digest() ? known.Keys : known.Keys.RemoveAll(static key => !key.IsGone));

    /// <summary>
    /// The point after its zone's DNSKEY set was seen; the same when nothing changed. Where nobody trusted signed the set, all
    /// that counts in it is that keys take themselves back.
    /// </summary>
    /// <param name="message">The answer with the set.</param>
    /// <param name="now">The time.</param>
    public TrackedPoint Observe(Message message, DateTimeOffset now)
    {
        if (Trusted is not { } trusted || SignedSet.Find(SignedSet.Of(message.Answer), Given.Zone, RecordType.DNSKEY) is not { } set)
        {
            return this;
        }

        var isSigned = DelegationSigners.Check(Given.Zone, message, DelegationSigners.Usable(trusted.Signers, out _), trusted.Keys, now).Security == Security.Secure;
        var seen = set.Records.Select(record => ZoneSigningKey.Read(record.Data)).OfType<ZoneSigningKey>()
            .Where(key => key.IsZoneKey && (key.Flags & SecureEntryPoint) != 0 && PublicKey.Knows(key.Algorithm)).ToList();
        HashSet<RData> present = isSigned ? [.. seen.Where(key => !key.IsRevoked).Select(key => key.Data)] : [];
        // §2.1: a key revokes itself only by signing the set that says so.
        var revoked = seen.Where(key => key.IsRevoked && SetVerifier.Verify(set, Given.Zone, [key], now, new ValidationBudget()).IsSecure)
            .Select(AnchorKey.Unrevoked).ToHashSet();
        var hold = TimeSpan.FromSeconds(set.Records.Max(record => record.Ttl)) is var ttl && ttl > HoldDown ? ttl : HoldDown;
        var next = Keys.Select(key => isSigned || (key.IsTrusted && revoked.Contains(key.Data)) ? Step(key, present, revoked, hold, now) : key).OfType<AnchorKey>().ToList();
        next.AddRange(present.Concat(revoked).Where(data => !Keys.Any(key => key.Data == data)).Select(data => Arrival(data, revoked.Contains(data), now)).OfType<AnchorKey>());
        return next.SequenceEqual(Keys) ? this : this with { Keys = [.. next] };
    }

    // §4.1 and §4.2: one row of the table of states.
    private static AnchorKey? Step(AnchorKey key, HashSet<RData> present, HashSet<RData> revoked, TimeSpan hold, DateTimeOffset now)
    {
        var (isThere, isRevoked, isOver) = (present.Contains(key.Data), revoked.Contains(key.Data), now - key.Since >= hold);
        return key.State switch
        {
            AnchorKeyState.AddPend => !isThere ? null : isOver ? To(AnchorKeyState.Valid) : key,
            AnchorKeyState.Valid or AnchorKeyState.Missing when isRevoked => To(AnchorKeyState.Revoked),
            AnchorKeyState.Valid when !isThere => To(AnchorKeyState.Missing),
            AnchorKeyState.Missing when isThere => To(AnchorKeyState.Valid),
            AnchorKeyState.Revoked when isOver && !isRevoked => To(AnchorKeyState.Removed),
            _ => key,
        };

        AnchorKey To(AnchorKeyState state) => key with { State = state, Since = now };
    }

    // A key that the settings name is trusted at once; one that nobody has named yet has to wait.
    private AnchorKey? Arrival(RData data, bool isRevoked, DateTimeOffset now)
    {
        var key = new AnchorKey(data, AnchorKeyState.AddPend, now);
        var isGiven = Given.Keys.Contains(data) || Given.Signers.Any(ds => key.IsNamedBy(Given.Zone, ds));
        return isRevoked ? isGiven ? key with { State = AnchorKeyState.Revoked } : null
            : isGiven ? key with { State = AnchorKeyState.Valid } : key;
    }
}
