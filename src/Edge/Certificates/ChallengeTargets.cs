using Edge.Acme;
using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>
/// Finds the name at which a challenge is to be answered: a CA follows aliases from <c>_acme-challenge.NAME</c>, so that
/// a zone elsewhere needs one CNAME, once, and the answer stands in a zone of ours.
/// </summary>
/// <param name="zones">Our own zones.</param>
/// <param name="outside">Where an alias of somebody else's zone leads, as the rest of the world sees it; an exception that passes when nobody can say.</param>
internal sealed class ChallengeTargets(OwnZones zones, Func<Name, CancellationToken, Task<Name?>> outside)
{
    // What CAs' resolvers go along with.
    private const int MostAliases = 8;

    /// <summary>The end of the chain, in a zone of ours.</summary>
    /// <exception cref="IssuanceException">It ends elsewhere, or nowhere; or nobody can say, which passes.</exception>
    public async ValueTask<Name> ResolveAsync(Name owner, CancellationToken cancel)
    {
        var name = owner;
        for (var step = 0; step <= MostAliases; step++)
        {
            var ours = zones.Holds(name);
            var next = ours ? zones.AliasOf(name) : await outside(name, cancel).ConfigureAwait(false);
            if (next is null)
            {
                return ours ? name : throw new IssuanceException(name == owner
                    ? $"{owner} is in no zone of ours, and no CNAME there leads into one"
                    : $"{owner} leads to {name}, which is in no zone of ours");
            }

            name = next;
        }

        throw new IssuanceException($"the CNAMEs at {owner} lead on and on: {name} is not the end after {MostAliases} of them");
    }
}
