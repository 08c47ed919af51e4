using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>
/// Proves control of the names of an order: choose a way for each, show all answers, look at them as the CA will, tell
/// the CA, wait for its verdict; the answers are taken away in any case.
/// </summary>
/// <param name="client">The CA, with an account.</param>
/// <param name="solvers">The ways there are, the preferred one first.</param>
/// <param name="patience">How long to wait for the CA.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about answers that stay.</param>
internal sealed class OrderAuthorizer(AcmeClient client, ImmutableArray<IChallengeSolver> solvers, AcmePatience patience, TimeProvider time, ILogger logger)
{
    /// <param name="order">The order.</param>
    /// <param name="turn">Which of the ways comes first.</param>
    /// <param name="failed">Ways that an earlier order of the same attempt tried in vain.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task AuthorizeAsync(AcmeOrder order, int turn, IReadOnlySet<(AcmeIdentifier, string)> failed, CancellationToken cancel)
    {
        // 1. What is valid already needs no challenge: CAs reuse authorizations.
        var open = new List<OpenAuthorization>();
        foreach (var url in order.Authorizations)
        {
            var authorization = await client.GetAuthorizationAsync(url, cancel).ConfigureAwait(false);
            if (authorization.Status != AcmeStatus.Valid)
            {
                open.Add(Open(authorization, turn, failed));
            }
        }

        if (open.Count == 0)
        {
            return;
        }

        // 2. Show all, and look; 3. tell the CA; 4. wait.
        await using var presented = new PresentedChallenges(logger);
        await PresentAsync(open, presented, cancel).ConfigureAwait(false);
        foreach (var item in open)
        {
            await RespondAsync(item.Challenge, cancel).ConfigureAwait(false);
        }

        foreach (var item in open)
        {
            await PollAsync(item, cancel).ConfigureAwait(false);
        }
    }

    private OpenAuthorization Open(AcmeAuthorization authorization, int turn, IReadOnlySet<(AcmeIdentifier, string)> failed)
    {
        if (authorization.Status is not (AcmeStatus.Pending or AcmeStatus.Unknown))
        {
            throw Refused(authorization, null);
        }

        var ways = (from solver in solvers
                    where !failed.Contains((authorization.Identifier, solver.Type))
                    let challenge = authorization.Challenges.FirstOrDefault(challenge => challenge.Type == solver.Type)
                    where challenge is not null
                    let answer = Answer(authorization, challenge)
                    where solver.CanSolve(answer)
                    select (solver, challenge, answer)).ToImmutableArray();
        // Of those that this name can be proven by.
        ways = ways.IsEmpty ? ways : [.. ways[(turn % ways.Length)..], .. ways[..(turn % ways.Length)]];
        return ways.IsEmpty
            ? throw new IssuanceException($"the CA offers {string.Join(", ", authorization.Challenges.Select(challenge => challenge.Type))} for {(authorization.Wildcard ? "*." : "")}{authorization.Identifier}, and none of them can be answered here")
            : new OpenAuthorization(authorization, ways);
    }

    private ChallengeAnswer Answer(AcmeAuthorization authorization, AcmeChallenge challenge) => new()
    {
        Type = challenge.Type,
        Identifier = authorization.Identifier,
        Wildcard = authorization.Wildcard,
        Token = challenge.Token ?? "",
        KeyAuthorization = challenge.Token is { Length: > 0 } token ? client.Key.KeyAuthorization(token) : "",
        Account = client.Account!,
        IssuerDomainNames = challenge.IssuerDomainNames,
    };

    private static async Task PresentAsync(List<OpenAuthorization> open, PresentedChallenges presented, CancellationToken cancel)
    {
        var waiting = open.ToList();
        while (waiting.Count > 0)
        {
            var shown = new List<OpenAuthorization>();
            foreach (var group in waiting.GroupBy(item => item.Solver).ToList())
            {
                try
                {
                    presented.Add(await group.Key.PresentAsync([.. group.Select(item => item.Answer)], cancel).ConfigureAwait(false));
                    shown.AddRange(group);
                }
                catch (IssuanceException cannot)
                {
                    foreach (var item in group)
                    {
                        item.Next(cannot.Message, cannot.Passes);
                    }
                }
            }

            foreach (var item in shown)
            {
                // A CA counts failed validations: it is not asked before the answer is there.
                if (await item.Solver.WhyNotReadyAsync(item.Answer, cancel).ConfigureAwait(false) is { } reason)
                {
                    item.Next(reason);
                }
                else
                {
                    waiting.Remove(item);
                }
            }
        }
    }

    private async Task RespondAsync(AcmeChallenge challenge, CancellationToken cancel)
    {
        try
        {
            // RFC 8555 §8.2: one that an earlier attempt left "processing" is looked at again when it is sent again.
            if (challenge.Status is AcmeStatus.Pending or AcmeStatus.Processing)
            {
                await client.RespondAsync(challenge, cancel).ConfigureAwait(false);
            }
        }
        catch (AcmeException busy) when (challenge.Status == AcmeStatus.Processing && busy.Problem.Is("malformed"))
        {
            // A CA that is at it and takes no second word: its verdict is waited for.
        }
    }

    private async Task PollAsync(OpenAuthorization item, CancellationToken cancel)
    {
        var looks = new AcmePolling(patience.First, patience.Validation, time);
        while (true)
        {
            var authorization = await client.GetAuthorizationAsync(item.Authorization.Url, cancel).ConfigureAwait(false);
            switch (authorization.Status)
            {
                case AcmeStatus.Valid:
                    return;
                case AcmeStatus.Pending or AcmeStatus.Processing or AcmeStatus.Unknown:
                    if (!await looks.WaitAsync(authorization.RetryAfter, cancel).ConfigureAwait(false))
                    {
                        // Not the end of the order: the next attempt comes back to it when the CA said.
                        throw new AcmeException(new AcmeProblem { Type = "about:blank", Status = 504, Detail = $"the CA did not decide about {authorization.Identifier} within {patience.Validation}" }, authorization.RetryAfter);
                    }

                    break;
                default:
                    throw Refused(authorization, item);
            }
        }
    }

    private static AcmeException Refused(AcmeAuthorization authorization, OpenAuthorization? open)
    {
        var error = authorization.Challenges.Select(challenge => challenge.Error).FirstOrDefault(error => error is not null);
        var problem = error is null
            ? new AcmeProblem { Type = "about:blank", Detail = $"the authorization is {authorization.Status.ToString().ToLowerInvariant()}", Identifier = authorization.Identifier.Value }
            : error with { Identifier = error.Identifier ?? authorization.Identifier.Value };

        // What was offered when it was open: once it is invalid, CAs show the challenge that failed and no other.
        return new AcmeException(problem)
        {
            Challenge = open is null ? null : new FailedChallenge(authorization.Identifier, open.Challenge.Type, authorization.Wildcard, [.. open.Authorization.Challenges.Select(challenge => challenge.Type)]),
        };
    }
}
