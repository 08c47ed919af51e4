using Edge.Admin.Reports;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Admin;

/// <summary>Takes one step of a rollover at a time, and says what it did, what a person has to do, and when it goes on.</summary>
/// <param name="signing">The keys.</param>
/// <param name="zones">The zones served, for the longest TTL in them.</param>
/// <param name="askParent">Asks the parent for the zone's DS; null when nobody answers.</param>
/// <param name="time">The clock.</param>
internal sealed class RolloverDesk(SigningManager signing, Func<ZoneSet> zones, Func<Name, CancellationToken, Task<ParentDs?>> askParent, TimeProvider time)
{
    private readonly SemaphoreSlim _one = new(1);

    /// <summary>Begins a rollover, or takes its next step.</summary>
    /// <exception cref="RolloverRefusedException">It cannot be taken now.</exception>
    public async Task<RolloverReport> StepAsync(Name origin, RolloverRequest request, CancellationToken cancel)
    {
        await _one.WaitAsync(cancel);
        try
        {
            if (signing.OptionsOf(origin) is not { } options || signing.KeysOf(origin) is not { } keys)
            {
                throw new RolloverRefusedException($"{origin} is not signed here; \"edge zone sign {origin}\" says how it becomes so");
            }

            // Whoever says what the parent has means the exchange that waits for it, and no other step.
            if (request.DsIsExchanged && keys.Rollover?.Step != RolloverStep.Announced)
            {
                throw new RolloverRefusedException($"no exchange of a key of {origin} waits for the DS now, so --ds-is-exchanged says nothing; \"edge zone keys {origin}\" says where it stands. Nothing was changed.");
            }

            if (keys.Rollover is not { } rollover)
            {
                return request.Cancel
                    ? throw new RolloverRefusedException($"no key of {origin} is being exchanged")
                    : Start(keys, RoleOf(keys, request.Role), options.Algorithm);
            }

            if (request.Cancel)
            {
                return Cancel(keys, rollover);
            }

            if (rollover.NotBefore > time.GetUtcNow())
            {
                throw new RolloverRefusedException($"too early: {(rollover.Step == RolloverStep.Published
                    ? "resolvers may still hold the DNSKEY set without the new key"
                    : "resolvers may still hold what the old key has signed, or the old DS")} until {KeyWords.Time(rollover.NotBefore)}. Nothing has to be done until then.");
            }

            return rollover.Step switch
            {
                RolloverStep.Published => Switch(keys),
                RolloverStep.Announced => await ConfirmAsync(keys, request.DsIsExchanged, cancel),
                _ => Finish(keys),
            };
        }
        finally
        {
            _one.Release();
        }
    }

    private static KeyRole RoleOf(ZoneKeySet keys, string? wanted)
    {
        var roles = keys.Keys.Select(key => key.Key.Role).Distinct().ToList();
        var words = string.Join(" or ", roles.Select(role => "--" + role.ToString().ToLowerInvariant()));
        if (wanted is null)
        {
            return roles.Count == 1 ? roles[0] : throw new RolloverRefusedException($"{keys.Origin} has two kinds of keys; say which is to be exchanged: {words}");
        }

        return Enum.TryParse<KeyRole>(wanted, ignoreCase: true, out var role) && roles.Contains(role)
            ? role
            : throw new RolloverRefusedException($"{keys.Origin} has no {wanted.ToUpperInvariant()}; there is: {words}");
    }

    private RolloverReport Start(ZoneKeySet keys, KeyRole role, SigningAlgorithm algorithm)
    {
        var next = Take(KeyRollover.Start(keys, role, algorithm, LongestTtl(keys.Origin), time.GetUtcNow()));
        var rollover = next.Rollover!;
        var fresh = next.Find(rollover.NewTag)!;
        return new RolloverReport(
        [
            $"Step 1 of {Steps(role)}. The new {role.ToString().ToUpperInvariant()} {fresh.Key.Tag}, {KeyWords.Algorithm(fresh.Key.Algorithm)}, is in the DNSKEY set of {keys.Origin}"
                + (fresh.Signs ? " and signs beside the old one, since its algorithm is another." : $"; {Old(rollover)} goes on signing."),
            "Resolvers that hold the DNSKEY set without it have to forget that first. Do nothing at the parent yet.",
            $"Next, after {KeyWords.Time(rollover.NotBefore)}: edge zone roll {keys.Origin}",
            $"To take the new key back: edge zone roll {keys.Origin} --cancel",
        ], Ended: false);
    }

    private RolloverReport Switch(ZoneKeySet keys)
    {
        var next = Take(KeyRollover.Switch(keys, LongestTtl(keys.Origin), time.GetUtcNow()));
        var rollover = next.Rollover!;
        var fresh = next.Find(rollover.NewTag)!.Key;
        if (fresh.Role == KeyRole.Zsk)
        {
            return new RolloverReport(
            [
                $"Step 2 of 3. Key {fresh.Tag} signs now; {Old(rollover)} stays in the DNSKEY set for what resolvers still hold.",
                $"Next, after {KeyWords.Time(rollover.NotBefore)}: edge zone roll {keys.Origin}",
            ], Ended: false);
        }

        return new RolloverReport(
        [
            $"Step 2 of 4. {(fresh.Role == KeyRole.Csk ? $"Key {fresh.Tag} signs now" : $"Key {fresh.Tag} signs the DNSKEY set beside {Old(rollover)}")}, and CDS and CDNSKEY announce it to parents that look.",
            "At the registrar put this DS in place of the old one:",
            $"  {KeyWords.Ds(fresh)}",
            .. rollover.OldTags.Select(tag => $"instead of the one with the key tag {tag}."),
            $"Next, when the parent serves it: edge zone roll {keys.Origin}",
        ], Ended: false);
    }

    private async Task<RolloverReport> ConfirmAsync(ZoneKeySet keys, bool seen, CancellationToken cancel)
    {
        var rollover = keys.Rollover!;
        var fresh = keys.Find(rollover.NewTag)!.Key;
        var parent = await askParent(keys.Origin, cancel);
        if (!seen)
        {
            if (parent is null)
            {
                throw new RolloverRefusedException($"the parent of {keys.Origin} could not be asked for its DS. When \"dig DS {keys.Origin}\" shows the key tag {fresh.Tag} and no longer {Old(rollover)}: edge zone roll {keys.Origin} --ds-is-exchanged");
            }

            if (!parent.Names(fresh.Tag, (byte)fresh.Algorithm))
            {
                throw new RolloverRefusedException($"the parent has no DS for key {fresh.Tag} yet, as far as this box's resolvers know. Enter it at the registrar:\n  {KeyWords.Ds(fresh)}\nIf you see it elsewhere: edge zone roll {keys.Origin} --ds-is-exchanged");
            }

            if (rollover.OldTags.Where(tag => parent.Names(tag, (byte)keys.Find(tag)!.Key.Algorithm)).Select(tag => (int)tag).ToList() is { Count: > 0 } left)
            {
                throw new RolloverRefusedException($"the parent still has a DS for key {string.Join(", ", left)}: take it away at the registrar, then run this again. If you see that it is gone: edge zone roll {keys.Origin} --ds-is-exchanged");
            }
        }

        var next = Take(KeyRollover.Confirm(keys, parent?.Ttl ?? TimeSpan.FromDays(1), LongestTtl(keys.Origin), time.GetUtcNow()));
        return new RolloverReport(
        [
            $"Step 3 of 4. The parent names key {fresh.Tag}. What resolvers hold of the old DS and the old signatures has to expire.",
            $"Next, after {KeyWords.Time(next.Rollover!.NotBefore)}: edge zone roll {keys.Origin}",
        ], Ended: false);
    }

    private RolloverReport Finish(ZoneKeySet keys)
    {
        var old = Old(keys.Rollover!);
        var steps = Steps(keys.Find(keys.Rollover!.NewTag)!.Key.Role);
        Take(KeyRollover.Finish(keys));
        return new RolloverReport(
            [$"Step {steps} of {steps}. {char.ToUpperInvariant(old[0])}{old[1..]} has left the zone; its files stay in {signing.Folder.FolderOf(keys.Origin)} and may be deleted."], Ended: true);
    }

    private RolloverReport Cancel(ZoneKeySet keys, Rollover rollover)
    {
        if (rollover.Step != RolloverStep.Published)
        {
            throw new RolloverRefusedException($"key {rollover.NewTag} signs already; go on to the end, and then exchange it for another");
        }

        Take(KeyRollover.Cancel(keys));
        return new RolloverReport([$"Key {rollover.NewTag} has left the zone; {Old(rollover)} signs as before."], Ended: true);
    }

    private ZoneKeySet Take(ZoneKeySet keys)
    {
        signing.Replace(keys);
        return keys;
    }

    private TimeSpan LongestTtl(Name origin)
    {
        var set = zones();
        var longest = Enumerable.Range(0, set.Views.Length)
            .SelectMany(view => set.Zones(view).Where(zone => zone.Origin == origin))
            .SelectMany(zone => zone.RRsets)
            .Select(rrset => rrset.Ttl)
            .DefaultIfEmpty(0u)
            .Max();
        return TimeSpan.FromSeconds(longest);
    }

    private static int Steps(KeyRole role) => role == KeyRole.Zsk ? 3 : 4;

    private static string Old(Rollover rollover) => $"key {string.Join(", ", rollover.OldTags)}";
}
