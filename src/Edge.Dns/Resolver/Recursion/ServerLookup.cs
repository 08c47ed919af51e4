using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Recursion;

/// <summary>
/// The addresses of a delegation's servers: those that came with it, those known from before, and when these do not
/// do, those that are looked for. How many are looked for is bounded, whatever the delegation says (NXNS, Afek et
/// al., USENIX Security 2020).
/// </summary>
internal sealed class ServerLookup(RecursionContext context, Pursuit pursuit, Delegation cut)
{
    // One name at first; the next one when that takes longer than a lookup usually does.
    private static readonly TimeSpan NextAfter = TimeSpan.FromMilliseconds(400);

    private readonly HashSet<Name> _lookedFor = [];
    private readonly int _most = Math.Max(1, context.Options.MaxParallelLookups >> Math.Min(pursuit.Depth, 31));

    /// <summary>All addresses known now that may be asked.</summary>
    public IEnumerable<IPAddress> Known()
    {
        var now = context.Now;
        return cut.Servers.SelectMany(server => server.Addresses
                .Concat(context.Addresses.Find(server.Name, RecordType.A, now) ?? [])
                .Concat(context.Addresses.Find(server.Name, RecordType.AAAA, now) ?? [])
                .Concat(server.Addresses.IsEmpty ? GlueElsewhere(server.Name, now) : []))
            .Where(context.Policy.Allows)
            .Distinct();
    }

    /// <summary>What is wrong with an address that is known and may not be asked; null when there is none.</summary>
    public string? Objection()
    {
        var now = context.Now;
        var refused = cut.Servers.SelectMany(server => (IEnumerable<IPAddress>)[.. server.Addresses, .. context.Addresses.Find(server.Name, RecordType.A, now) ?? [], .. context.Addresses.Find(server.Name, RecordType.AAAA, now) ?? []])
            .FirstOrDefault(address => !context.Policy.Allows(address)) ?? cut.Servers.Select(server => server.Refused).FirstOrDefault(address => address is not null);
        return refused is null ? null : $"{refused}, which the delegation of {cut.Zone} leads to, {context.Policy.Objection(refused)}";
    }

    // A server often serves the zone that its own name lies in, and then that zone's delegation brought its address.
    private ImmutableArray<IPAddress> GlueElsewhere(Name server, long now) =>
        context.Cuts.FindClosest(server, now).Servers.FirstOrDefault(other => other.Name == server)?.Addresses ?? [];

    /// <summary>Looks for addresses of servers that have none, then for better ones than the glue; false when there is nothing more to find.</summary>
    public async Task<bool> FindMoreAsync()
    {
        if (pursuit.Depth >= context.Options.MaxDepth || _lookedFor.Count >= _most)
        {
            return false;
        }

        using var enough = CancellationTokenSource.CreateLinkedTokenSource(pursuit.Deadline);
        var searches = new List<Task<bool>>();
        var found = false;
        while (!found && !pursuit.Deadline.IsCancellationRequested)
        {
            if (_lookedFor.Count < _most && NextServer() is { } server)
            {
                _lookedFor.Add(server);
                searches.Add(LookForAsync(server, pursuit.For(server, enough.Token)));
            }

            searches.RemoveAll(search => search.IsCompletedSuccessfully && !search.Result);
            if (searches.Count == 0)
            {
                if (_lookedFor.Count < _most && NextServer() is not null)
                {
                    continue;
                }

                break;
            }

            found = await AnyAsync(searches, enough.Token).ConfigureAwait(false);
        }

        await enough.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(searches).ConfigureAwait(false);
        return found;
    }

    private async Task<bool> AnyAsync(List<Task<bool>> searches, CancellationToken cancel)
    {
        var all = searches.Append(DelayAsync(cancel)).ToList();
        var first = await Task.WhenAny(all).ConfigureAwait(false);
        return await first.ConfigureAwait(false);
    }

    private async Task<bool> DelayAsync(CancellationToken cancel)
    {
        await Task.Delay(NextAfter, context.Clock.Time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return false;
    }

    // A server inside the zone that it serves cannot be found without itself.
    private Name? NextServer() => cut.Servers
        .Where(server => !server.Name.IsAtOrBelow(cut.Zone) && !_lookedFor.Contains(server.Name) && !pursuit.IsFor(server.Name) && !IsKnown(server.Name))
        .OrderBy(server => server.Addresses.Length > 0)
        .Select(server => server.Name)
        .FirstOrDefault();

    private bool IsKnown(Name server) => Types().All(type => context.Addresses.Find(server, type, context.Now) is not null)
        || Types().Any(type => context.Addresses.Find(server, type, context.Now) is { IsEmpty: false });

    private IEnumerable<RecordType> Types()
    {
        if (context.Options.UseIPv4)
        {
            yield return RecordType.A;
        }

        if (context.Options.UseIPv6)
        {
            yield return RecordType.AAAA;
        }
    }

    private async Task<bool> LookForAsync(Name server, Pursuit search)
    {
        foreach (var type in Types())
        {
            var known = context.Addresses.Find(server, type, context.Now);
            if (known is null && !search.Budget.TryLookup())
            {
                return false;
            }

            var addresses = known ?? await AskForAsync(server, type, search).ConfigureAwait(false);
            if (addresses.Any(context.Policy.Allows))
            {
                return true;
            }
        }

        return false;
    }

    private async Task<ImmutableArray<IPAddress>> AskForAsync(Name server, RecordType type, Pursuit search)
    {
        var question = QuestionKey.LowerCase(server.Wire, type, QuestionKey.Flags(dnssecOk: false, checkingDisabled: false));
        if (context.Elsewhere(server) is { } other)
        {
            return await AskForElsewhereAsync(other, question, search).ConfigureAwait(false);
        }

        var reply = await new Walk(context, search, question).RunAsync().ConfigureAwait(false);
        // RFC 2181 §10.3: the target of an NS record must not be an alias, so none is followed.
        ImmutableArray<IPAddress> addresses = [.. reply.Answer.Where(record => record.Owner == server && record.Type == type).Select(record => record.Address()).OfType<IPAddress>()];
        if (reply.IsFinal)
        {
            var ttl = addresses.IsEmpty ? reply.Authority.FirstOrDefault(record => record.Type == RecordType.SOA)?.NegativeTtl() ?? 0 : reply.Answer.Min(record => record.Ttl);
            context.Addresses.Put(server, type, addresses, ttl, context.Now);
        }

        return addresses;
    }

    private async Task<ImmutableArray<IPAddress>> AskForElsewhereAsync(IAnswerOrigin other, QuestionKey question, Pursuit search)
    {
        var asked = other.AskAsync(question, search.Deadline);
        // Others may keep a time of their own, which is longer.
        await ((Task)asked).WaitAsync(search.Deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!asked.IsCompletedSuccessfully || (await asked.ConfigureAwait(false)).Message is not { } message)
        {
            return [];
        }

        var records = message.Answer.Where(record => record.Owner == question.Name && record.Type == question.Type).ToList();
        ImmutableArray<IPAddress> addresses = [.. records.Select(record => record.Address()).OfType<IPAddress>()];
        var ttl = records.Count > 0 ? records.Min(record => record.Ttl) : message.Authority.FirstOrDefault(record => record.Type == RecordType.SOA)?.NegativeTtl() ?? 0;
        context.Addresses.Put(question.Name, question.Type, addresses, ttl, context.Now);
        return addresses;
    }
}
