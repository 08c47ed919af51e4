using System.Collections.Immutable;
using Edge.Stores;

namespace Edge.Services;

/// <summary>How registrations stand: what the store has of them, and what is in effect.</summary>
internal sealed class RegistrationStates(IStore store, ServiceCatalog catalog)
{
    /// <summary>What this token registered, ordered by name; for an admin, what everybody did.</summary>
    public async Task<ImmutableArray<RegistrationState>> ListAsync(Token token, CancellationToken cancel)
    {
        var states = ImmutableArray.CreateBuilder<RegistrationState>();
        var lost = LostNow();
        foreach (var entry in (await store.ListAsync(Registration.Prefix, cancel).ConfigureAwait(false)).Entries)
        {
            if (await OfAsync(token, entry, lost, cancel).ConfigureAwait(false) is { } state)
            {
                states.Add(state);
            }
        }

        return states.ToImmutable();
    }

    /// <summary>How an entry of the store stands; null for one that this token does not see.</summary>
    /// <param name="token">Who wants to know.</param>
    /// <param name="entry">The entry.</param>
    /// <param name="lost">What registrations have lost to others, from <see cref="LostNow"/>: looked up once for many.</param>
    /// <param name="cancel">Ends the wait for the store.</param>
    public async Task<RegistrationState?> OfAsync(Token token, StoreEntry entry, ILookup<string, ServiceConflict> lost, CancellationToken cancel) =>
        RegistrationFormat.Read(entry.Value) is { } registration && RegistrationChecks.MayTouch(token, registration)
            ? await OfAsync(registration, entry.Lease, entry.Revision, lost, cancel).ConfigureAwait(false)
            : null;

    /// <summary>How a registration stands.</summary>
    public Task<RegistrationState> OfAsync(Registration registration, LeaseId? lease, long revision, CancellationToken cancel) =>
        OfAsync(registration, lease, revision, LostNow(), cancel);

    /// <summary>What registrations have lost to others, by their names.</summary>
    public ILookup<string, ServiceConflict> LostNow() =>
        catalog.Current.Conflicts.Where(conflict => conflict.Lost.Source == SourceKind.Api).ToLookup(conflict => conflict.Lost.Name, StringComparer.Ordinal);

    private async Task<RegistrationState> OfAsync(Registration registration, LeaseId? lease, long revision, ILookup<string, ServiceConflict> lost, CancellationToken cancel)
    {
        var ends = lease is { } id ? await store.LeaseEndsAsync(id, cancel).ConfigureAwait(false) : null;
        var current = catalog.Current;
        return new RegistrationState(registration, current.ByName(registration.Name) is { Source: SourceKind.Api } service ? service : null, ends)
        {
            Revision = revision,
            Lost = [.. lost[registration.Name]],
        };
    }
}
