using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>
/// One attempt to obtain a certificate: from the first public CA, else from the next. A CA that could not prove the names
/// last time is asked again only after its test CA could: failures count there, and after five an hour nothing goes.
/// </summary>
/// <param name="issuers">The CAs, the preferred one first.</param>
/// <param name="ladder">The waits after failures.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told which CA is passed over.</param>
internal sealed partial class RenewalAttempt(ImmutableArray<PublicIssuer> issuers, RetryLadder ladder, TimeProvider time, ILogger logger)
{
    // Refusals that the same order will meet again until a person changes something (RFC 8555 §6.7).
    private static readonly string[] Lasting = ["rejectedIdentifier", "unsupportedIdentifier", "caa", "userActionRequired", "externalAccountRequired", "invalidContact", "unsupportedContact", "invalidProfile"];

    /// <summary>What a person can do about too many certificates for a name, beginning with a comma.</summary>
    public Func<string, string> Otherwise { get; init; } = static _ => "";

    /// <summary>Tries; who keeps the certificate knows the outcome when it returns.</summary>
    public async Task RunAsync(IRenewal job, CancellationToken cancel)
    {
        var failures = new List<FailedIssuance>();
        var passedOver = new List<IssuerRest>();

        // What has nothing to do with the names says nothing about them: only their proof ends the doubt.
        var doubted = job.State.Doubted;
        foreach (var issuer in issuers)
        {
            if (!job.Forced && job.State.RestOf(issuer.Name, time.GetUtcNow()) is { } rest)
            {
                Log.PassedOver(logger, job.Names[0], issuer.Name, rest.Until, rest.Reason);
                passedOver.Add(rest);
                continue;
            }

            var isAsked = false;
            try
            {
                Guard(issuer, job);
                if (await ProbeAsync(issuer, job, cancel).ConfigureAwait(false))
                {
                    doubted = null;
                }

                isAsked = true;
                var issued = await issuer.Main.IssueAsync(RequestFor(issuer, job), cancel).ConfigureAwait(false);
                if (job.Obtained(issuer.Name, issued, Resting(failures, job)))
                {
                    issuer.Main.Settle(job.Names);
                }

                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                failures.Add(new FailedIssuance(issuer, failure, isAsked && failure is AcmeException { Challenge: not null }));
                if (issuer.Staging is not null && failure is AcmeException refused && AcmeIssuer.IsOfValidation(refused))
                {
                    // One that rests, or is wanted no more, is not asked: the doubt is of use at the one that is.
                    doubted = doubted is null || passedOver.Exists(rest => rest.Issuer == doubted) || issuers.All(other => other.Name != doubted) ? issuer.Name : doubted;
                }

                if (failure is IssuanceException { Issued: true })
                {
                    job.Spent(issuer.Name);
                }
            }
        }

        if (failures.Count == 0)
        {
            job.Release(passedOver.Min(rest => rest.Until) - time.GetUtcNow());
            return;
        }

        var waits = passedOver.Select(rest => rest.Until - time.GetUtcNow()).ToList();
        job.Failed(Reason(failures, passedOver), doubted, attempts => failures.Select(one => Wait(one, attempts, job)).Concat(waits).Min(), Resting(failures, job));
    }

    // What one CA asks for, or what would be in vain there, is its own affair: the others are tried meanwhile.
    private ImmutableArray<IssuerRest> Resting(List<FailedIssuance> failures, IRenewal job)
    {
        var now = time.GetUtcNow();
        return
        [
            .. job.State.Resting.Where(rest => rest.Until > now && failures.TrueForAll(one => one.Issuer.Name != rest.Issuer)),
            .. failures.Select(one => new IssuerRest(one.Issuer.Name, now + Wait(one, one.IsCounted ? job.State.Attempts + 1 : 1, job), Reason(one.Failure))),
        ];
    }

    // What is lost or ordered in a circle must not use up the CA's limit, after which nothing goes for days.
    private void Guard(PublicIssuer issuer, IRenewal job)
    {
        if (!job.Forced && Issuance.AreTooMany(job.IssuancesOf(issuer.Name), time.GetUtcNow()))
        {
            throw new TooManyCertificatesException(Otherwise(job.Names[0]));
        }
    }

    /// <summary>Whether the test CA of a doubted CA could prove the names.</summary>
    private async Task<bool> ProbeAsync(PublicIssuer issuer, IRenewal job, CancellationToken cancel)
    {
        if (issuer.Staging is not { } staging || job.State.Doubted != issuer.Name || job.Forced)
        {
            return false;
        }

        try
        {
            await staging.IssueAsync(new IssuanceRequest(job.Names), cancel).ConfigureAwait(false);
            staging.Settle(job.Names);
            Log.Probed(logger, job.Names[0], staging.Name, issuer.Name);
            return true;
        }
        catch (AcmeException refused) when (AcmeIssuer.IsOfValidation(refused) && !refused.Problem.IsAny("caa"))
        {
            // CAA is another matter than the proof: who allows the CA need not allow its test CA.
            throw new AcmeException(refused.Problem with { Detail = $"{refused.Problem.Detail} (said by {staging.Name}, which is asked until it can prove the names)" }, refused.RetryAfter) { Challenge = refused.Challenge };
        }
        catch (Exception away) when (away is AcmeException or IssuanceException or HttpRequestException || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // The test CA has troubles of its own: it says nothing about the names.
            Log.NotProbed(logger, job.Names[0], staging.Name, away.Message);
            return false;
        }
    }

    private static IssuanceRequest RequestFor(PublicIssuer issuer, IRenewal job)
    {
        // On every third attempt it is not said what is replaced: the CA's books may differ from ours.
        var held = job.Held is { } certificate && certificate.Issuer == issuer.Name ? certificate.Leaf : null;
        // Where no test CA is asked meanwhile, an attempt costs one failure: the other ways come with the next ones.
        return new IssuanceRequest(job.Names) { Held = held, SayReplaces = job.State.Attempts % 3 != 2, Turn = issuer.Staging is null && !job.Forced ? job.State.Attempts : null };
    }

    private TimeSpan Wait(FailedIssuance failed, int attempts, IRenewal job)
    {
        var failure = failed.Failure;
        var wait = failure is AcmeException { Problem: var problem } && problem.IsAny(Lasting) || failure is TooManyCertificatesException
            ? ladder.Longest : failed.IsCounted ? ladder.WaitCounted(attempts) : ladder.Wait(attempts);
        if (job.Held is { } held)
        {
            wait = RenewalTime.Cut(wait, held.NotBefore, held.NotAfter, time.GetUtcNow());
        }

        return failure is AcmeException { RetryAfter: { } asked } && asked > wait ? asked : wait;
    }

    private string Reason(List<FailedIssuance> failures, List<IssuerRest> passedOver)
    {
        var reasons = failures.Select(one => (one.Issuer.Name, Why: Reason(one.Failure))).Concat(passedOver.Select(rest => (rest.Issuer, rest.Reason))).DistinctBy(one => one.Item1).ToDictionary();
        return reasons.Count == 1 ? reasons.Values.Single()
            : string.Join("; ", issuers.Where(issuer => reasons.ContainsKey(issuer.Name)).Select(issuer => $"{issuer.Name}: {reasons[issuer.Name]}"));
    }

    private static string Reason(Exception failure) => failure switch
    {
        AcmeException or IssuanceException or TooManyCertificatesException => failure.Message,
        HttpRequestException { InnerException: { } inner } => $"the CA cannot be reached: {failure.Message} ({inner.Message})",
        HttpRequestException => $"the CA cannot be reached: {failure.Message}",
        OperationCanceledException => "the CA did not answer in time",
        IOException => failure.Message,
        _ => $"{failure.GetType().Name}: {failure.Message}",
    };

    private static partial class Log
    {
        [LoggerMessage(4110, LogLevel.Debug, "{Name}: {Issuer} is passed over until {Until:u} ({Reason})")]
        public static partial void PassedOver(ILogger logger, string name, string issuer, DateTimeOffset until, string reason);

        [LoggerMessage(4111, LogLevel.Information, "{Name}: {Staging} could prove the names, so {Issuer} is asked again")]
        public static partial void Probed(ILogger logger, string name, string staging, string issuer);

        [LoggerMessage(4112, LogLevel.Information, "{Name}: {Staging} could not be asked first: {Reason}")]
        public static partial void NotProbed(ILogger logger, string name, string staging, string reason);
    }
}
