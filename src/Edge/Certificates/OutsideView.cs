using Edge.Acme;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>What the rest of the world is told about names that are not ours.</summary>
/// <param name="forwarder">The resolver; null while it is not there.</param>
internal sealed class OutsideView(Func<Forwarder?> forwarder)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Where an alias leads; null when there is none.</summary>
    /// <exception cref="IssuanceException">Nobody can say: it passes.</exception>
    public async Task<Name?> AliasOfAsync(Name name, CancellationToken cancel)
    {
        if (forwarder() is not { } resolver)
        {
            throw Unknown(name);
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        try
        {
            var answer = await resolver.AskAsync(name, RecordType.CNAME, patience.Token).ConfigureAwait(false);
            return answer.Answer.Find(record => record.Owner == name && record.Type == RecordType.CNAME) is { } alias ? Name.FromWire(alias.Data.Wire)
                : answer.Rcode is Rcode.NoError or Rcode.NxDomain ? null : throw Unknown(name);
        }
        catch (Exception unknown) when (unknown is FormatException || (unknown is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw Unknown(name);
        }
    }

    private static IssuanceException Unknown(Name name) => new($"nobody can say whether there is an alias at {name} now") { Passes = true };
}
