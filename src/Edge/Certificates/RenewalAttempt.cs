using System.Collections.Immutable;
using Edge.Acme;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// One attempt to obtain a certificate: from the first public CA, else from the next. A CA that could not prove the names
/// last time is asked again only after its test CA could: failures count there, and after five an hour nothing goes.
/// </summary>
/// <param name="manager">Receives the certificate.</param>
/// <param name="issuers">The CAs, the preferred one first.</param>
/// <param name="ladder">The waits after failures.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told which CA is passed over.</param>
internal sealed partial class RenewalAttempt(CertificateManager manager, ImmutableArray<PublicIssuer> issuers, RetryLadder ladder, TimeProvider time, ILogger logger)
{
    // Refusals that the same order will meet again until a person changes something (RFC 8555 §6.7).
    private static readonly string[] Lasting = ["rejectedIdentifier", "unsupportedIdentifier", "caa", "userActionRequired", "externalAccountRequired", "invalidContact", "unsupportedContact", "invalidProfile"];

    private readonly Dictionary<CertificateId, DateTimeOffset> _notBefore = [];
    private readonly Lock _gate = new();

    /// <summary>Tries; the manager knows the outcome when it returns.</summary>
    public async Task RunAsync(RenewalJob job, CancellationToken cancel)
    {
        var failures = new List<(PublicIssuer Issuer, Exception Failure)>();
        foreach (var issuer in issuers)
        {
            if (failures.Count > 0 && !job.Forced && MayNotYet(issuer, job) is { } rest)
            {
                Log.PassedOver(logger, job.Id.Name, issuer.Name, rest);
                continue;
            }

            try
            {
                Guard(issuer, job);
                await ProbeAsync(issuer, job, cancel).ConfigureAwait(false);
                var issued = await issuer.Main.IssueAsync(RequestFor(issuer, job), cancel).ConfigureAwait(false);
                if (manager.Obtained(job, issuer.Name, issued))
                {
                    issuer.Main.Settle(job.Names);
                }

                return;
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancel.IsCancellationRequested)
            {
                failures.Add((issuer, failure));
                Remember(issuer, job, failure);
            }
        }

        var doubted = failures.FirstOrDefault(one => one.Issuer.Staging is not null && one.Failure is AcmeException refused && AcmeIssuer.IsOfValidation(refused)).Issuer?.Name;
        manager.Failed(job, Reason(failures), doubted, attempts => failures.Min(one => Wait(one.Failure, attempts, job)));
    }

    // What is lost or ordered in a circle must not use up the CA's limit, after which nothing goes for days.
    private void Guard(PublicIssuer issuer, RenewalJob job)
    {
        if (!job.Forced && Issuance.AreTooMany(manager.IssuancesOf(issuer.Name, job), time.GetUtcNow()))
        {
            throw new TooManyCertificatesException(job.Id.Name);
        }
    }

    private async Task ProbeAsync(PublicIssuer issuer, RenewalJob job, CancellationToken cancel)
    {
        if (issuer.Staging is not { } staging || job.State.Doubted != issuer.Name || job.Forced)
        {
            return;
        }

        try
        {
            await staging.IssueAsync(new IssuanceRequest(job.Names), cancel).ConfigureAwait(false);
            staging.Settle(job.Names);
            Log.Probed(logger, job.Id.Name, staging.Name, issuer.Name);
        }
        catch (AcmeException refused) when (AcmeIssuer.IsOfValidation(refused))
        {
            throw new AcmeException(refused.Problem with { Detail = $"{refused.Problem.Detail} (said by {staging.Name}, which is asked until it can prove the names)" }, refused.RetryAfter) { Challenge = refused.Challenge };
        }
        catch (Exception away) when (away is AcmeException or IssuanceException or HttpRequestException || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // The test CA has troubles of its own: it says nothing about the names.
            Log.NotProbed(logger, job.Id.Name, staging.Name, away.Message);
        }
    }

    private static IssuanceRequest RequestFor(PublicIssuer issuer, RenewalJob job)
    {
        // On every third attempt it is not said what is replaced: the CA's books may differ from ours.
        var held = job.Held is { } certificate && certificate.Issuer == issuer.Name ? certificate.Leaf : null;
        return new IssuanceRequest(job.Names) { Held = held, SayReplaces = job.State.Attempts % 3 != 2 };
    }

    private TimeSpan? MayNotYet(PublicIssuer issuer, RenewalJob job)
    {
        lock (_gate)
        {
            return _notBefore.TryGetValue(new CertificateId(issuer.Name, job.Id.Name), out var until) && until - time.GetUtcNow() is var rest && rest > TimeSpan.Zero ? rest : null;
        }
    }

    private void Remember(PublicIssuer issuer, RenewalJob job, Exception failure)
    {
        lock (_gate)
        {
            _notBefore[new CertificateId(issuer.Name, job.Id.Name)] = time.GetUtcNow() + Wait(failure, 1, job);
        }
    }

    private TimeSpan Wait(Exception failure, int attempts, RenewalJob job)
    {
        var wait = failure is AcmeException { Problem: var problem } && problem.IsAny(Lasting) || failure is TooManyCertificatesException
            ? ladder.Longest : ladder.Wait(attempts);
        if (job.Held is { } held)
        {
            wait = RenewalTime.Cut(wait, held.NotBefore, held.NotAfter, time.GetUtcNow());
        }

        return failure is AcmeException { RetryAfter: { } asked } && asked > wait ? asked : wait;
    }

    private static string Reason(List<(PublicIssuer Issuer, Exception Failure)> failures) => failures.Count == 1
        ? Reason(failures[0].Failure)
        : string.Join("; ", failures.Select(one => $"{one.Issuer.Name}: {Reason(one.Failure)}"));

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
        [LoggerMessage(4110, LogLevel.Debug, "{Name}: {Issuer} is passed over for another {Rest}")]
        public static partial void PassedOver(ILogger logger, string name, string issuer, TimeSpan rest);

        [LoggerMessage(4111, LogLevel.Information, "{Name}: {Staging} could prove the names, so {Issuer} is asked again")]
        public static partial void Probed(ILogger logger, string name, string staging, string issuer);

        [LoggerMessage(4112, LogLevel.Information, "{Name}: {Staging} could not be asked first: {Reason}")]
        public static partial void NotProbed(ILogger logger, string name, string staging, string reason);
    }
}
