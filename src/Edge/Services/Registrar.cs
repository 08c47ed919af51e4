using System.Collections.Immutable;
using Edge.Settings;
using Edge.Stores;

namespace Edge.Services;

/// <summary>
/// Registers services for whoever holds a token: checks everything, stores it with a lease, and answers when it is
/// served. Of those who want the same name or host one at a time, so that each is checked against all that were accepted before.
/// </summary>
internal sealed class Registrar(IStore store, TokenStore tokens, RegistrationSource source, ServiceCatalog catalog, ServiceReader reader, IDestinationCheck destinations, TimeProvider time)
{
    private const int MostTries = 5;

    private readonly RegistrationTurns _turns = new();
    private readonly RegistrationChecks _checks = new(catalog);
    private readonly RegistrationWriter _writer = new(store, source, time);

    /// <summary>How registrations stand.</summary>
    public RegistrationStates States { get; } = new(store, catalog);

    /// <summary>Creates a registration, or replaces one of the same owner.</summary>
    public async Task<RegistrationOutcome> PutAsync(Token token, string name, MapNode body, Precondition condition, CancellationToken cancel)
    {
        var problems = new ProblemList();
        var declaration = reader.ReadLeased(name, body, Declarer.Token(token.Name, token.Admin || !token.Scope.Ports.IsEmpty), problems);
        name = name.ToLowerInvariant();
        var hosts = reader.HostsOf(name, body);
        var said = JsonDocumentWriter.Write(body);
        foreach (var (at, to) in ServiceReader.DestinationsOf(body))
        {
            if (destinations.Wrong(to, out var hint) is { } wrong)
            {
                problems.Add(at, wrong, hint);
            }
        }

        // A key in the store has a slash in it, which no host has.
        using var turn = await _turns.TakeAsync([RegistrationWriter.Key(name), .. hosts.Select(pair => pair.Host), .. declaration?.Service.Hosts ?? []], cancel).ConfigureAwait(false);
        for (var tries = 0; tries < MostTries; tries++)
        {
            var entry = await store.GetAsync(RegistrationWriter.Key(name), cancel).ConfigureAwait(false);
            var before = entry is null ? null : RegistrationFormat.Read(entry.Value);
            var (outside, held) = (RegistrationChecks.Outside(token, name, hosts, declaration?.Service), _checks.Held(token, name, hosts, before, declaration?.Service));
            if (declaration is null || problems.Any || outside.Count > 0 || held.Count > 0)
            {
                return RegistrationProblems.Refused(problems, outside, held);
            }

            if (!condition.Holds(entry))
            {
                return RegistrationProblems.Changed(name, entry);
            }

            // Its body, or those before it, may have taken long: who was told that a token is revoked is not to see it register.
            if (await tokens.VerifyAsync(token, cancel).ConfigureAwait(false) is { State: not TokenState.Valid } check)
            {
                return RegistrationProblems.Unauthorized(check);
            }

            var registration = Of(token, declaration, said, entry, before);
            if (await _writer.PutAsync(registration, entry, before, cancel).ConfigureAwait(false) is var (revision, lease, live))
            {
                return new RegistrationOutcome { State = await States.OfAsync(registration, lease, revision, cancel).ConfigureAwait(false), Created = entry is null, Live = live };
            }
        }

        return RegistrationProblems.Busy(name);
    }

    /// <summary>Starts the time of a registration's lease anew.</summary>
    public async Task<RegistrationOutcome> RenewAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        LeaseId? ended = null;
        for (var tries = 0; tries < MostTries; tries++)
        {
            var (problem, entry, registration) = await FindAsync(token, name, condition, cancel).ConfigureAwait(false);
            if (problem is not null)
            {
                return problem;
            }

            if (entry!.Lease is not { } lease || await store.RenewLeaseAsync(lease, cancel).ConfigureAwait(false))
            {
                return new RegistrationOutcome { State = await States.OfAsync(registration!, entry.Lease, entry.Revision, cancel).ConfigureAwait(false) };
            }

            // Somebody may have given it another lease meanwhile.
            if (lease == ended)
            {
                return RegistrationProblems.Unknown(name);
            }

            ended = lease;
        }

        return RegistrationProblems.Busy(name);
    }

    /// <summary>Ends a registration; the outcome has no state, and comes when nobody serves it any more.</summary>
    public async Task<RegistrationOutcome> DeleteAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        var (problem, entry, _) = await FindAsync(token, name, condition, cancel).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        return await _writer.RemoveAsync(entry!, cancel).ConfigureAwait(false) is { } live ? new RegistrationOutcome { Live = live } : RegistrationProblems.Busy(name);
    }

    public async Task<RegistrationOutcome> GetAsync(Token token, string name, CancellationToken cancel)
    {
        var (problem, entry, registration) = await FindAsync(token, name, Precondition.None, cancel).ConfigureAwait(false);
        return problem is not null ? problem : new RegistrationOutcome { State = await States.OfAsync(registration!, entry!.Lease, entry.Revision, cancel).ConfigureAwait(false) };
    }

    /// <summary>What this token registered, ordered by name; for an admin, what everybody did.</summary>
    public Task<ImmutableArray<RegistrationState>> ListAsync(Token token, CancellationToken cancel) => States.ListAsync(token, cancel);

    private static Registration Of(Token token, ServiceDeclaration declaration, string body, StoreEntry? entry, Registration? before)
    {
        var service = declaration.Service;
        return new Registration
        {
            Name = service.Name,
            Hosts = service.Hosts,
            To = service.Stream?.To ?? service.To,
            Expose = service.Expose,
            Access = service.Access,
            Declared = service.Routing is null && service.Stream is null ? null : body,
            TimeToLive = declaration.TimeToLive,
            Owner = token.Name,
            Since = entry is null || before is null ? 0 : before.Since == 0 ? entry.Revision : before.Since,
        };
    }

    private async Task<(ProblemDocument? Problem, StoreEntry? Entry, Registration? Registration)> FindAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        var entry = await store.GetAsync(RegistrationWriter.Key(name.ToLowerInvariant()), cancel).ConfigureAwait(false);
        return entry is null || RegistrationFormat.Read(entry.Value) is not { } registration ? (RegistrationProblems.Unknown(name), null, null)
            : RegistrationChecks.MayTouch(token, registration) ? condition.Holds(entry) ? (null, entry, registration) : (RegistrationProblems.Changed(name, entry), null, null)
            : (RegistrationProblems.NotYours(name, registration.Owner), null, null);
    }
}
