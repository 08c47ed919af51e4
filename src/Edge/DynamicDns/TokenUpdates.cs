using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Services;

namespace Edge.DynamicDns;

/// <summary>Updates of DNS (RFC 2136) signed with the key of a token: the names of its scope, kept and answered as those that come by dyndns2.</summary>
internal sealed class TokenUpdates(DynamicDnsSetup setup, DynamicAddresses addresses) : IUpdateKeeper
{
    public UpdateKey? Find(Name key) => TokenOf(key) is { } token ? new UpdateKey(key, null, [.. token.Scope.Hosts.SelectMany(Rules)]) : null;

    public async Task<UpdateRefusal?> SubmitAsync(Name key, Func<Func<Name, IEnumerable<ResourceRecord>>, UpdateOutcome> evaluate, CancellationToken cancel) => TokenOf(key) is { } token
        ? await addresses.ChangeAsync(token, evaluate, cancel)
        : UpdateRefusal.Forbidden($"there is no token {key.ToHostString()}");

    private static IEnumerable<UpdateRule> Rules(string pattern)
    {
        foreach (var text in (string[])[$"{pattern} A AAAA", $"{DynamicAddress.ChallengeLabel}.{pattern} TXT"])
        {
            if (UpdateRule.TryParse(text, Name.Root, out var rule, out _))
            {
                yield return rule;
            }
        }
    }

    private Token? TokenOf(Name key) => setup.Keyed().GetValueOrDefault(key.ToHostString().ToLowerInvariant());
}
