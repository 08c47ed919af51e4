using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Admin;

/// <summary>Says whom a name outside our zones is asked of, and what is wrong with what comes back.</summary>
internal sealed class ResolverExplainer(Forwarder forwarder)
{
    private const int CodeLength = 2;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public async Task<ImmutableArray<string>> ExplainAsync(Name name, CancellationToken cancel)
    {
        var route = forwarder.RouteOf(name);
        return route.Special is { } special
            ? [$"{special.Domain} is a special name ({special.Reference}): Edge answers it itself and asks nobody"]
            : [Way(route), .. await TroubleAsync(name, cancel)];
    }

    private static string Way(ResolverRoute route)
    {
        if (route.Delegation is { } cut)
        {
            var named = cut.Servers.Select(server => $"{server.Name}{(server.Addresses.IsEmpty ? "" : $" ({string.Join(", ", server.Addresses)})")}");
            return $"the name lies in {cut.Cut}, which the zone {cut.Zone} delegates: for this client its servers are asked, {string.Join(", ", named)}";
        }

        var servers = string.Join(", ", route.Servers);
        return route.Zone is { } zone ? $"the name lies in {zone}, which dns.forward asks of {servers}"
            : route.FromRoot ? "the name is in no zone of ours: it is resolved from the root for this client"
            : route.Servers.IsEmpty ? "the name is in no zone of ours, and there is no upstream to ask: name one in dns.upstreams"
            : $"the name is in no zone of ours: it is asked of the upstreams for this client ({servers})";
    }

    private async Task<ImmutableArray<string>> TroubleAsync(Name name, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var answer = await forwarder.AskAsync(name, RecordType.A, patience.Token);
            var reasons = (answer.Edns?.Options ?? []).Where(option => option.Code == EdnsOption.ExtendedErrorOption && option.Data.Length > CodeLength)
                .Select(option => Encoding.UTF8.GetString(option.Data.Span[CodeLength..]));
            var reason = string.Join("; ", reasons);
            return answer.Rcode == Rcode.ServFail ? [$"asked for A now, the answer is SERVFAIL{(reason.Length > 0 ? $": {reason}" : "")}"]
                : reason.Length > 0 ? [$"of the answer to A: {reason}"]
                : [];
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return [$"asked for A now, nobody has answered in {Patience.TotalSeconds:0} seconds"];
        }
    }
}
