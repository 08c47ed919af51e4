using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Text;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// Finds the zone of a name and its keys: from the trust anchor down, label by label, each delegation by its DS or by the
/// proof that it has none (RFC 4035 §5.2). What was found is kept; what several look for at once is looked for once.
/// </summary>
internal sealed class ChainOfTrust(IAnswerOrigin origin, ValidationState state, TimeProvider time)
{
    /// <summary>How long a zone that is bogus stays so without another look (RFC 4035 §4.7).</summary>
    public static readonly TimeSpan BogusLifetime = TimeSpan.FromSeconds(30);

    /// <summary>How long nobody asks again for keys that could not be had.</summary>
    public static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(1);
    private static readonly byte KeyFlags = QuestionKey.Flags(dnssecOk: true, checkingDisabled: true);

    private readonly ConcurrentDictionary<Name, Task<ZoneTrust>> _flights = new();

    /// <summary>The zone that a name lies in; a name at which a zone begins lies in that zone.</summary>
    /// <param name="name">The name.</param>
    /// <param name="signs">Whether the name is said to be a zone that signs: then its records are asked for at once.</param>
    public ValueTask<ZoneTrust> OfAsync(Name name, bool signs)
    {
        if (state.Zones.Find(name) is { } known)
        {
            return new ValueTask<ZoneTrust>(known);
        }

        if (state.Anchors.Above(name, time.GetUtcNow()) is not { } anchor)
        {
            return new ValueTask<ZoneTrust>(ZoneTrust.Insecure("no trust anchor holds for it", TimeSpan.Zero));
        }

        // Most names lie right below a delegation that is known to be unsigned.
        if (NearestAbove(name, anchor.Zone) is { } above && (above.Security == Security.Insecure || above.IsEmptyBelow))
        {
            return new ValueTask<ZoneTrust>(above);
        }

        var started = new TaskCompletionSource<ZoneTrust>(TaskCreationOptions.RunContinuationsAsynchronously);
        var flight = _flights.GetOrAdd(name, started.Task);
        if (flight == started.Task)
        {
            _ = FlyAsync(name, anchor, signs, started);
        }

        return new ValueTask<ZoneTrust>(flight);
    }

    private ZoneTrust? NearestAbove(Name name, Name top)
    {
        for (var above = name; above != top;)
        {
            above = above.Parent!;
            if (state.Zones.Find(above) is { } known)
            {
                return known;
            }
        }

        return null;
    }

    private async Task FlyAsync(Name name, TrustPoint anchor, bool signs, TaskCompletionSource<ZoneTrust> landing)
    {
        ZoneTrust found;
        try
        {
            using var deadline = new CancellationTokenSource(state.Options.KeyTimeout, time);
            found = name == anchor.Zone
                ? Keep(name, await PrimeAsync(anchor, deadline.Token).ConfigureAwait(false))
                : await DescendAsync(name, signs, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception error)
        {
            found = ZoneTrust.Unknown(ExtendedErrorCode.DnssecIndeterminate, $"looking for the keys of {name} broke off: {error.Message}");
        }

        _flights.TryRemove(name, out _);
        landing.SetResult(found);
    }

    private ZoneTrust Keep(Name name, ZoneTrust trust)
    {
        trust = trust.Lifetime > LongestLifetime ? trust with { Lifetime = LongestLifetime } : trust;
        state.Zones.Put(name, trust);
        return trust;
    }

    private async Task<ZoneTrust> PrimeAsync(TrustPoint anchor, CancellationToken deadline)
    {
        var signers = DelegationSigners.Usable(anchor.Signers, out var code);
        if (signers.Count == 0 && !anchor.Keys.Any(key => key.Wire.Length > 3 && PublicKey.Knows(key.Wire[3])))
        {
            return ZoneTrust.Insecure($"the trust anchor of {anchor.Zone} is of no supported kind", BogusLifetime, code);
        }

        var keys = await AskAsync(anchor.Zone, RecordType.DNSKEY, deadline).ConfigureAwait(false);
        if (keys.Message is not { } message)
        {
            return NotHad(keys, anchor.Zone);
        }

        state.Observe(anchor.Zone, message, time.GetUtcNow());
        return DelegationSigners.Check(anchor.Zone, message, signers, anchor.Keys, time.GetUtcNow());
    }

    private async Task<ZoneTrust> DescendAsync(Name name, bool signs, CancellationToken deadline)
    {
        var signers = signs ? AskAsync(name, RecordType.DS, deadline) : null;
        var keys = signs ? AskAsync(name, RecordType.DNSKEY, deadline) : null;
        var parent = await OfAsync(name.Parent!, signs: false).ConfigureAwait(false);
        if (parent.Security != Security.Secure || parent.IsEmptyBelow)
        {
            return parent;
        }

        var answer = await (signers ?? AskAsync(name, RecordType.DS, deadline)).ConfigureAwait(false);
        if (answer.Message is not { } message)
        {
            return Keep(name, NotHad(answer, name));
        }

        var budget = new ValidationBudget();
        var sets = SignedSet.Of(message.Answer);
        if (SignedSet.Find(sets, name, RecordType.DS) is not { } set)
        {
            return Keep(name, WithoutSigner(name, parent, sets, message, budget));
        }

        var verdict = SetVerifier.Verify(set, parent.Zone, parent.Keys, time.GetUtcNow(), budget);
        if (!verdict.IsSecure || verdict.Labels != name.LabelCount)
        {
            return Keep(name, ZoneTrust.Bogus(verdict.Code, verdict.IsSecure ? $"{set} comes from a wildcard" : verdict.Reason));
        }

        var usable = DelegationSigners.Usable(set.Records.Select(record => record.Data), out var code);
        if (usable.Count == 0)
        {
            return Keep(name, ZoneTrust.Insecure($"{set} names nothing that is supported", verdict.Lifetime, code));
        }

        var found = await (keys ?? AskAsync(name, RecordType.DNSKEY, deadline)).ConfigureAwait(false);
        var trust = found.Message is { } ring ? DelegationSigners.Check(name, ring, usable, [], time.GetUtcNow()) : NotHad(found, name);
        return Keep(name, trust.Security == Security.Secure && verdict.Lifetime < trust.Lifetime ? trust with { Lifetime = verdict.Lifetime } : trust);
    }

    private ZoneTrust WithoutSigner(Name name, ZoneTrust parent, List<SignedSet> sets, Message message, ValidationBudget budget)
    {
        var now = time.GetUtcNow();
        // An alias is never the apex of a zone (RFC 1034 §3.6.2), and below a DNAME no zone begins (RFC 6672 §2.4).
        foreach (var set in sets.Where(set => set.Type == RecordType.CNAME ? set.Owner == name : set.Type == RecordType.DNAME && name.IsAtOrBelow(set.Owner) && name != set.Owner))
        {
            var alias = SetVerifier.Verify(set, parent.Zone, parent.Keys, now, budget);
            if (alias.IsSecure)
            {
                return parent with { Lifetime = alias.Lifetime };
            }
        }

        var denial = new ZoneDenial(SignedSet.Of(message.Authority), parent, now, budget);
        var cut = denial.Cut(name);
        if (cut == CutProof.Missing)
        {
            var missing = denial.Missing($"no proof that {name} has no DS");
            return ZoneTrust.Bogus(missing.Code, missing.Reason);
        }

        var lifetime = denial.Lifetime < parent.Lifetime ? denial.Lifetime : parent.Lifetime;
        return cut == CutProof.Unsigned
            ? ZoneTrust.Insecure($"{name} is not signed", lifetime, denial.HasTooManyIterations ? ExtendedErrorCode.UnsupportedNsec3Iterations : ExtendedErrorCode.Other)
            : parent with { Lifetime = lifetime, IsEmptyBelow = cut == CutProof.NoName };
    }

    private async Task<OriginAnswer> AskAsync(Name name, RecordType type, CancellationToken deadline)
    {
        try
        {
            return await origin.AskAsync(QuestionKey.LowerCase(name.Wire, type, KeyFlags), deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return OriginAnswer.Failed(ExtendedErrorCode.NoReachableAuthority, "no answer in time");
        }
    }

    private static ZoneTrust NotHad(OriginAnswer answer, Name zone)
    {
        // RFC 8914 §2: the option's code and length, then the error's code and text.
        var option = answer.ExtendedError;
        return option.Length < 6
            ? ZoneTrust.Unknown(ExtendedErrorCode.NoReachableAuthority, $"the keys of {zone} cannot be had")
            : ZoneTrust.Unknown((ExtendedErrorCode)BinaryPrimitives.ReadUInt16BigEndian(option.AsSpan(4)), $"the keys of {zone} cannot be had: {Encoding.UTF8.GetString(option.AsSpan(6))}");
    }
}
