using System.Collections.Immutable;
using Edge.Settings;
using Edge.Stores;

namespace Edge.Services;

/// <summary>
/// Registers services for whoever holds a token: checks everything, stores it with a lease, and answers when it is
/// served. One registration at a time, so that each is checked against all that were accepted before.
/// </summary>
internal sealed class Registrar(IStore store, RegistrationSource source, ServiceCatalog catalog, ServiceReader reader, IDestinationCheck destinations, TimeProvider time) : IDisposable
{
    private const int MostTries = 5;

    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _turn = new(1, 1);

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

        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            for (var tries = 0; tries < MostTries; tries++)
            {
                var entry = await store.GetAsync(Key(name), cancel).ConfigureAwait(false);
                var before = entry is null ? null : RegistrationFormat.Read(entry.Value);
                var (outside, held) = (Outside(token, name, hosts, declaration?.Service), Held(token, name, hosts, before, declaration?.Service));
                if (declaration is null || problems.Any || outside.Count > 0 || held.Count > 0)
                {
                    return RegistrationProblems.Refused(problems, outside, held);
                }

                if (!condition.Holds(entry))
                {
                    return RegistrationProblems.Changed(name, entry);
                }

                if (await StoreAsync(token, declaration, said, entry, before, cancel).ConfigureAwait(false) is { } outcome)
                {
                    return outcome;
                }
            }

            return RegistrationProblems.Busy(name);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Starts the time of a registration's lease anew.</summary>
    public async Task<RegistrationOutcome> RenewAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        var (problem, entry, registration) = await FindAsync(token, name, condition, cancel).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        return entry!.Lease is not { } lease || await store.RenewLeaseAsync(lease, cancel).ConfigureAwait(false)
            ? new RegistrationOutcome { State = await StateAsync(registration!, entry.Lease, entry.Revision, cancel).ConfigureAwait(false) }
            : RegistrationProblems.Unknown(name);
    }

    /// <summary>Ends a registration; the outcome has no state, and comes when nobody serves it any more.</summary>
    public async Task<RegistrationOutcome> DeleteAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        var (problem, entry, _) = await FindAsync(token, name, condition, cancel).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        var write = await RemoveAsync(entry!, cancel).ConfigureAwait(false);
        if (write.Conflict)
        {
            return RegistrationProblems.Busy(name);
        }

        await ForgetAsync(entry!.Lease, cancel).ConfigureAwait(false);
        return new RegistrationOutcome { Live = await LiveAsync(write.Revision, cancel).ConfigureAwait(false) };
    }

    public async Task<RegistrationOutcome> GetAsync(Token token, string name, CancellationToken cancel)
    {
        var (problem, entry, registration) = await FindAsync(token, name, Precondition.None, cancel).ConfigureAwait(false);
        return problem is not null ? problem : new RegistrationOutcome { State = await StateAsync(registration!, entry!.Lease, entry.Revision, cancel).ConfigureAwait(false) };
    }

    /// <summary>What this token registered, ordered by name; for an admin, what everybody did.</summary>
    public async Task<ImmutableArray<RegistrationState>> ListAsync(Token token, CancellationToken cancel)
    {
        var states = ImmutableArray.CreateBuilder<RegistrationState>();
        var lost = LostNow();
        foreach (var entry in (await store.ListAsync(Registration.Prefix, cancel).ConfigureAwait(false)).Entries)
        {
            if (await StateOfAsync(token, entry, lost, cancel).ConfigureAwait(false) is { } state)
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
    public async Task<RegistrationState?> StateOfAsync(Token token, StoreEntry entry, ILookup<string, ServiceConflict> lost, CancellationToken cancel) =>
        RegistrationFormat.Read(entry.Value) is { } registration && MayTouch(token, registration)
            ? await StateAsync(registration, entry.Lease, entry.Revision, lost, cancel).ConfigureAwait(false)
            : null;

    /// <summary>What registrations have lost to others, by their names.</summary>
    public ILookup<string, ServiceConflict> LostNow() =>
        catalog.Current.Conflicts.Where(conflict => conflict.Lost.Source == SourceKind.Api).ToLookup(conflict => conflict.Lost.Name, StringComparer.Ordinal);

    public void Dispose() => _turn.Dispose();

    // Null when somebody was faster and everything must be looked at again.
    private async Task<RegistrationOutcome?> StoreAsync(Token token, ServiceDeclaration declaration, string body, StoreEntry? entry, Registration? before, CancellationToken cancel)
    {
        var service = declaration.Service;
        var registration = new Registration
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

        // 1. The lease: the one it has, with its time begun anew, or a new one.
        var kept = before?.TimeToLive == declaration.TimeToLive && entry?.Lease is { } old && await store.RenewLeaseAsync(old, cancel).ConfigureAwait(false);
        var lease = kept ? entry!.Lease!.Value : await store.GrantLeaseAsync(declaration.TimeToLive, cancel).ConfigureAwait(false);

        // 2. The entry; one that says the same as before stays as it is.
        var revision = entry?.Revision ?? 0;
        if (!kept || before is null || registration with { Since = before.Since } != before)
        {
            var write = await WriteAsync(registration, entry, lease, kept, cancel).ConfigureAwait(false);
            if (!write.Done)
            {
                return null;
            }

            revision = write.Revision;
        }

        // 3. The lease it had before, which holds nothing any more.
        if (!kept)
        {
            await ForgetAsync(entry?.Lease, cancel).ConfigureAwait(false);
        }

        // 4. The answer waits until names, route and certificate are served.
        var live = await LiveAsync(revision, cancel).ConfigureAwait(false);
        return new RegistrationOutcome { State = await StateAsync(registration, lease, revision, cancel).ConfigureAwait(false), Created = entry is null, Live = live };
    }

    private async Task<StoreWrite> WriteAsync(Registration registration, StoreEntry? entry, LeaseId lease, bool kept, CancellationToken cancel)
    {
        var written = false;
        try
        {
            var write = await store.PutAsync(Key(registration.Name), RegistrationFormat.Write(registration), entry?.Revision ?? 0, lease, cancel).ConfigureAwait(false);
            written = write.Done;
            return write;
        }
        finally
        {
            if (!written && !kept)
            {
                await ForgetAsync(lease, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task<StoreWrite> RemoveAsync(StoreEntry entry, CancellationToken cancel)
    {
        var removed = false;
        source.Leaves(entry.Key, true);
        try
        {
            var write = await store.DeleteAsync(entry.Key, entry.Revision, cancel).ConfigureAwait(false);
            removed = write.Done;
            return write;
        }
        finally
        {
            if (!removed)
            {
                source.Leaves(entry.Key, false);
            }
        }
    }

    // A lease that holds nothing ends by itself; that it cannot be ended now is no reason to fail.
    private async Task ForgetAsync(LeaseId? lease, CancellationToken cancel)
    {
        try
        {
            if (lease is { } id)
            {
                await store.RevokeLeaseAsync(id, cancel).ConfigureAwait(false);
            }
        }
        catch (StoreUnavailableException)
        {
        }
    }

    private async Task<bool> LiveAsync(long revision, CancellationToken cancel)
    {
        using var wait = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(wait.Token, cancel);
        try
        {
            await source.WaitUntilLiveAsync(revision, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<(ProblemDocument? Problem, StoreEntry? Entry, Registration? Registration)> FindAsync(Token token, string name, Precondition condition, CancellationToken cancel)
    {
        var entry = await store.GetAsync(Key(name.ToLowerInvariant()), cancel).ConfigureAwait(false);
        return entry is null || RegistrationFormat.Read(entry.Value) is not { } registration ? (RegistrationProblems.Unknown(name), null, null)
            : MayTouch(token, registration) ? condition.Holds(entry) ? (null, entry, registration) : (RegistrationProblems.Changed(name, entry), null, null)
            : (RegistrationProblems.NotYours(name, registration.Owner), null, null);
    }

    private Task<RegistrationState> StateAsync(Registration registration, LeaseId? lease, long revision, CancellationToken cancel) =>
        StateAsync(registration, lease, revision, LostNow(), cancel);

    private async Task<RegistrationState> StateAsync(Registration registration, LeaseId? lease, long revision, ILookup<string, ServiceConflict> lost, CancellationToken cancel)
    {
        var ends = lease is { } id ? await store.LeaseEndsAsync(id, cancel).ConfigureAwait(false) : null;
        var current = catalog.Current;
        return new RegistrationState(registration, current.ByName(registration.Name) is { Source: SourceKind.Api } service ? service : null, ends)
        {
            Revision = revision,
            Lost = [.. lost[registration.Name]],
        };
    }

    private static List<FieldError> Outside(Token token, string name, IReadOnlyList<(string Field, string Host)> hosts, Service? wanted)
    {
        var errors = new List<FieldError>();
        if (!token.Scope.AllowsService(name))
        {
            errors.Add(new FieldError("name", $"token {token.Name} may not register a service \"{name}\"", $"it may register {string.Join(", ", token.Scope.Services)}"));
        }

        if (token.Scope.IsForLanOnly && wanted?.Expose == Exposure.Everywhere)
        {
            errors.Add(new FieldError("expose", $"token {token.Name} may not register services for everywhere", "say expose: lan"));
        }

        errors.AddRange((wanted?.Stream?.Listen ?? []).Where(port => !token.Admin && !token.Scope.AllowsPort(port.Port)).Select(port =>
            new FieldError("listen", $"token {token.Name} may not have port {port.Port} opened", $"it may have {string.Join(", ", token.Scope.Ports)}")));
        errors.AddRange(hosts.Where(pair => !token.Scope.AllowsHost(pair.Host)).Select(pair =>
            new FieldError(pair.Field, $"token {token.Name} may not register the host {pair.Host}", $"it may register {string.Join(", ", token.Scope.Hosts)}")));
        return errors;
    }

    private List<FieldError> Held(Token token, string name, IReadOnlyList<(string Field, string Host)> hosts, Registration? before, Service? wanted)
    {
        var errors = new List<FieldError>();
        var current = catalog.Current;
        if (before is not null && before.Owner != token.Name)
        {
            errors.Add(new FieldError("name", $"\"{name}\" is registered with token {before.Owner}", "choose another name, or have that registration removed"));
        }
        else if (current.ByName(name) is { Source: < SourceKind.Api } declared)
        {
            errors.Add(new FieldError("name", $"\"{name}\" is declared in {declared.Where}", "choose another name, or remove it there"));
        }

        // A host that the token could not have anyway is named as such and not as held: its holder is nobody's business.
        foreach (var (field, host) in hosts.Where(pair => token.Scope.AllowsHost(pair.Host)))
        {
            if (current.AllByHost(host).FirstOrDefault(other => !MayStandBeside(other, name, wanted, host)) is { } holder)
            {
                errors.Add(new FieldError(field, $"{host} belongs to service {holder.Name} ({holder.Where})", "choose another host, or have it removed there"));
            }
        }

        return errors;
    }

    // What a weaker source has is taken from it.
    private static bool MayStandBeside(Service other, string name, Service? wanted, string host) =>
        other.Source > SourceKind.Api || other.Source == SourceKind.Api
        && (other.Name == name || (wanted is not null && HostClaims.IsOfOneParty(other, wanted) && HostClaims.Of(other, host) != HostClaims.Of(wanted, host)));

    private static bool MayTouch(Token token, Registration registration) => token.Admin || registration.Owner == token.Name;

    private static string Key(string name) => Registration.Prefix + name;
}
