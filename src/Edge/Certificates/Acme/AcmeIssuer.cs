using System.Collections.Immutable;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates.Acme;

/// <summary>
/// Obtains one certificate: order, prove control of each name by dns-01, hand in the request, fetch the chain, check
/// it. Every step acts on the state the CA reports, never on the state we expect.
/// </summary>
/// <param name="client">The CA, with an account.</param>
/// <param name="accounts">Makes the account and, when the CA lost it, makes it again.</param>
/// <param name="challenges">Where our name server takes challenge records from.</param>
/// <param name="whyNotServed">Asks our own name server for a record; null when it answers it.</param>
/// <param name="patience">How long to wait for the CA.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about steps that are skipped.</param>
internal sealed partial class AcmeIssuer(
    AcmeClient client, AcmeAccounts accounts, ChallengeRecords challenges, Func<ChallengeRecord, string?> whyNotServed, AcmePatience patience, TimeProvider time, ILogger logger)
{
    private const string Dns01 = "dns-01";

    /// <summary>The CA as its folder is named.</summary>
    public string Name { get; } = CertificateId.IssuerFolder(client.DirectoryUrl);

    /// <summary>Obtains a certificate for these DNS names.</summary>
    /// <exception cref="AcmeException">The CA refused.</exception>
    /// <exception cref="IssuanceException">Something on our side, or the certificate is not what was ordered.</exception>
    /// <exception cref="HttpRequestException">The CA is not there.</exception>
    public async Task<IssuedCertificate> IssueAsync(ImmutableArray<string> names, CancellationToken cancel)
    {
        var account = await accounts.EnsureAsync(cancel).ConfigureAwait(false);
        try
        {
            return await ObtainAsync(names, cancel).ConfigureAwait(false);
        }
        catch (AcmeException gone) when (gone.Problem.Is("accountDoesNotExist"))
        {
            // The CA was reset. Once: a CA that forgets every account at once is left to the ladder.
            Log.AccountGone(logger, account);
            await accounts.RegisterAgainAsync(account, cancel).ConfigureAwait(false);
            return await ObtainAsync(names, cancel).ConfigureAwait(false);
        }
    }

    private async Task<IssuedCertificate> ObtainAsync(ImmutableArray<string> names, CancellationToken cancel)
    {
        var order = await client.NewOrderAsync(names, cancel).ConfigureAwait(false);
        try
        {
            // 1. Prove control of the names; 2. wait until the CA sees it so.
            await AuthorizeAsync(order, cancel).ConfigureAwait(false);
            order = await PollOrderAsync(order, static order => order.Status is AcmeStatus.Pending or AcmeStatus.Unknown, patience.Validation, cancel).ConfigureAwait(false);

            // 3. Hand in a request with a key of its own; 4. wait for the certificate; 5. fetch and check it.
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            var request = CertificateRequests.ForServer(key, names, isCertificate: false).CreateSigningRequest();
            order = await FinalizeAsync(order, request, cancel).ConfigureAwait(false);
            var url = order.Certificate ?? throw Failed(order, "the order is valid but has no certificate URL");
            var chain = await client.DownloadChainAsync(url, cancel).ConfigureAwait(false);
            IssuedChainCheck.Demand(chain, key, names, time.GetUtcNow());
            return new IssuedCertificate(chain, key.ExportPkcs8PrivateKeyPem() + "\n");
        }
        catch (Exception) when (!cancel.IsCancellationRequested)
        {
            await GiveUpAsync(order, cancel).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Answers the challenges of an order: present all, read all back, tell the CA, wait for its verdict; the records go in any case.</summary>
    private async Task AuthorizeAsync(AcmeOrder order, CancellationToken cancel)
    {
        var open = new List<(AcmeAuthorization Authorization, AcmeChallenge Challenge, ChallengeRecord Record)>();
        foreach (var url in order.Authorizations)
        {
            var authorization = await client.GetAuthorizationAsync(url, cancel).ConfigureAwait(false);
            if (authorization.Status == AcmeStatus.Valid)
            {
                continue;
            }

            open.Add(Prepare(authorization));
        }

        if (open.Count == 0)
        {
            return;
        }

        using var presented = challenges.Present(open.Select(item => item.Record));
        foreach (var (_, _, record) in open)
        {
            // A CA counts failed validations: it is not asked before our own server gives the answer.
            if (whyNotServed(record) is { } reason)
            {
                throw new IssuanceException(reason);
            }
        }

        foreach (var (_, challenge, _) in open)
        {
            if (challenge.Status == AcmeStatus.Pending)
            {
                await client.RespondAsync(challenge, cancel).ConfigureAwait(false);
            }
        }

        foreach (var (authorization, _, _) in open)
        {
            await PollAuthorizationAsync(authorization, cancel).ConfigureAwait(false);
        }
    }

    private (AcmeAuthorization Authorization, AcmeChallenge Challenge, ChallengeRecord Record) Prepare(AcmeAuthorization authorization)
    {
        if (authorization.Status is not (AcmeStatus.Pending or AcmeStatus.Unknown))
        {
            throw Refused(authorization);
        }

        var challenge = authorization.Challenges.FirstOrDefault(challenge => challenge is { Type: Dns01, Token: not null })
            ?? throw new IssuanceException($"the CA offers no {Dns01} challenge for {authorization.Identifier}, only {string.Join(", ", authorization.Challenges.Select(other => other.Type))}");
        return (authorization, challenge, new ChallengeRecord(ChallengeRecords.OwnerOf(authorization.Identifier), client.Key.DnsChallengeText(challenge.Token!)));
    }

    private async Task PollAuthorizationAsync(AcmeAuthorization authorization, CancellationToken cancel)
    {
        var looks = new AcmePolling(patience.First, patience.Validation, time);
        while (true)
        {
            authorization = await client.GetAuthorizationAsync(authorization.Url, cancel).ConfigureAwait(false);
            switch (authorization.Status)
            {
                case AcmeStatus.Valid:
                    return;
                case AcmeStatus.Pending or AcmeStatus.Processing or AcmeStatus.Unknown:
                    if (!await looks.WaitAsync(authorization.RetryAfter, cancel).ConfigureAwait(false))
                    {
                        throw new IssuanceException($"the CA did not decide about {authorization.Identifier} within {patience.Validation}");
                    }

                    break;
                default:
                    throw Refused(authorization);
            }
        }
    }

    private async Task<AcmeOrder> FinalizeAsync(AcmeOrder order, byte[] request, CancellationToken cancel)
    {
        if (order.Status == AcmeStatus.Ready)
        {
            try
            {
                order = await client.FinalizeAsync(order, request, cancel).ConfigureAwait(false);
            }
            catch (AcmeException early) when (early.Problem.Is("orderNotReady"))
            {
                // RFC 8555 §7.4: the order's own state decides. "Ready" once more means that the CA was behind itself.
                order = await PollOrderAsync(order with { Status = AcmeStatus.Unknown }, static order => order.Status is AcmeStatus.Pending or AcmeStatus.Unknown, patience.Validation, cancel).ConfigureAwait(false);
                if (order.Status == AcmeStatus.Ready)
                {
                    order = await client.FinalizeAsync(order, request, cancel).ConfigureAwait(false);
                }
            }
        }

        return await PollOrderAsync(order, static order => order.Status is not AcmeStatus.Valid, patience.Issuance, cancel).ConfigureAwait(false);
    }

    /// <summary>Looks at an order until it is in another state than those in <paramref name="waiting"/>.</summary>
    private async Task<AcmeOrder> PollOrderAsync(AcmeOrder order, Func<AcmeOrder, bool> waiting, TimeSpan deadline, CancellationToken cancel)
    {
        var looks = new AcmePolling(patience.First, deadline, time);
        var first = true;
        while (true)
        {
            if (order.Status is AcmeStatus.Invalid or AcmeStatus.Expired or AcmeStatus.Deactivated or AcmeStatus.Revoked)
            {
                throw Failed(order, $"the order became {order.Status.ToString().ToLowerInvariant()}");
            }

            if (!waiting(order))
            {
                return order;
            }

            // The first look costs nothing: most CAs are done by then.
            if (!(first && order.Status is AcmeStatus.Pending or AcmeStatus.Unknown) && !await looks.WaitAsync(order.RetryAfter, cancel).ConfigureAwait(false))
            {
                throw Failed(order, $"the order was still {order.Status.ToString().ToLowerInvariant()} after {deadline}");
            }

            first = false;
            order = await client.GetOrderAsync(order.Url, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Takes the authorizations back that nobody will finish, so that they do not count as pending (§7.5.2).</summary>
    private async Task GiveUpAsync(AcmeOrder order, CancellationToken ended)
    {
        // The end of the program does not wait for a CA that is away: what stays pending, the CA forgets by itself.
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20), time);
        using var soon = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ended);
        foreach (var url in order.Authorizations)
        {
            try
            {
                var authorization = await client.GetAuthorizationAsync(url, soon.Token).ConfigureAwait(false);
                if (authorization.Status == AcmeStatus.Pending)
                {
                    await client.DeactivateAuthorizationAsync(url, soon.Token).ConfigureAwait(false);
                }
            }
            catch (Exception failed) when (failed is AcmeException or HttpRequestException or IOException or OperationCanceledException)
            {
                Log.NotDeactivated(logger, url, failed.Message);
                return;
            }
        }
    }

    private static AcmeException Refused(AcmeAuthorization authorization)
    {
        var error = authorization.Challenges.Select(challenge => challenge.Error).FirstOrDefault(error => error is not null);
        return new AcmeException(error is null
            ? new AcmeProblem { Type = "about:blank", Detail = $"the authorization is {authorization.Status.ToString().ToLowerInvariant()}", Identifier = authorization.Identifier }
            : error with { Identifier = error.Identifier ?? authorization.Identifier });
    }

    private static AcmeException Failed(AcmeOrder order, string otherwise) =>
        new(order.Error ?? new AcmeProblem { Type = "about:blank", Detail = otherwise }, order.RetryAfter);

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Warning, "The CA does not know our account {Account} any more; it is registered again")]
        public static partial void AccountGone(ILogger logger, Uri account);

        [LoggerMessage(4021, LogLevel.Debug, "The authorization {Url} was not taken back: {Reason}")]
        public static partial void NotDeactivated(ILogger logger, Uri url, string reason);
    }
}
