using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Services;
using Edge.Stores;

namespace Edge.DynamicDns;

/// <summary>Names as updates of DNS change them (RFC 2136): all that one of them wants, or nothing.</summary>
internal sealed partial class DynamicAddresses
{
    /// <summary>Makes a change; when the call returns null, it is answered and kept.</summary>
    /// <param name="token">Who wants it.</param>
    /// <param name="evaluate">Works it out from what is kept.</param>
    /// <param name="cancel">Ends the wait for others.</param>
    /// <returns>Why nothing was changed.</returns>
    public async Task<UpdateRefusal?> ChangeAsync(Token token, Func<Func<Name, IEnumerable<ResourceRecord>>, UpdateOutcome> evaluate, CancellationToken cancel)
    {
        await _writing.WaitAsync(cancel);
        try
        {
            if (await setup.VerifyAgain(token, cancel) is { State: not TokenState.Valid and var state })
            {
                return UpdateRefusal.Forbidden($"the token {token.Name} has {(state == TokenState.Expired ? "expired" : "been revoked")}");
            }

            var outcome = evaluate(records.At);
            if (outcome.Refusal is not null)
            {
                return outcome.Refusal;
            }

            var wanted = new Dictionary<string, DynamicAddress>(StringComparer.Ordinal);
            foreach (var (owner, at) in outcome.Records.OrderBy(pair => pair.Key))
            {
                if (RecordReader.HostOf(owner) is not { } host)
                {
                    return Forbidden(owner, "it is no host name");
                }

                if (_rights.Refusal(token, host, _byHost.GetValueOrDefault(host)) is { } foreign)
                {
                    return Forbidden(owner, foreign);
                }

                var before = wanted.GetValueOrDefault(host) ?? Before(token, host);
                if (RecordReader.Read(owner, at, before, out var why) is not { } next)
                {
                    return Forbidden(owner, why!);
                }

                wanted[host] = next;
            }

            return await SettleAsync(wanted.Values.Select(next => Stamped(next, token)).ToList());
        }
        finally
        {
            _writing.Release();
        }
    }

    private static UpdateRefusal Forbidden(Name owner, string why) => UpdateRefusal.Forbidden($"{owner.ToHostString()}: {why}");

    private DynamicAddress Before(Token token, string host) =>
        (_byHost.GetValueOrDefault(host) ?? new DynamicAddress(host, token.Name, null, null, token.Scope.IsForLanOnly, setup.Time.GetUtcNow())) with { IsForLanOnly = token.Scope.IsForLanOnly };

    private DynamicAddress Stamped(DynamicAddress next, Token token)
    {
        var (had, now) = (_byHost.GetValueOrDefault(next.Host), setup.Time.GetUtcNow());
        return next with { Changed = next.AnswersAs(had) ? had!.Changed : now, Ends = LeaseEnd.Of(token, had?.Ends, now), Granted = LeaseEnd.Granted(token) };
    }

    private async Task<UpdateRefusal?> SettleAsync(List<DynamicAddress> wanted)
    {
        if (_byHost.Count + wanted.Count(next => !next.IsEmpty && !_byHost.ContainsKey(next.Host)) > Most)
        {
            Log.Full(setup.Log, Most);
            return UpdateRefusal.Forbidden($"there are {Most} dynamic names already");
        }

        // As with dyndns2: the zones know best who has a name.
        records.Publish(wanted.Select(next => KeyValuePair.Create(next.Host, next.IsEmpty ? null : next)));
        if (wanted.Where(next => !next.IsEmpty).Select(next => (next.Host, Why: Hindrance(next))).FirstOrDefault(one => one.Why is not null) is { Why: { } why } hindered)
        {
            PutBack(wanted);
            return UpdateRefusal.Forbidden($"{hindered.Host}: it {why}");
        }

        // RFC 2136 section 3.7: all of it is kept, or nothing is.
        if (!await KeepAsync([.. wanted.Select(next => KeyValuePair.Create(next.Host, next.IsEmpty ? null : next))]))
        {
            PutBack(wanted);
            return new UpdateRefusal(Rcode.ServFail, "the change cannot be kept on disk");
        }

        return null;
    }

    private void PutBack(IEnumerable<DynamicAddress> wanted) =>
        records.Publish(wanted.Select(next => KeyValuePair.Create(next.Host, _byHost.GetValueOrDefault(next.Host))));
}
