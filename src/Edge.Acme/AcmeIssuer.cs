using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>
/// Obtains certificates from one CA. Every step acts on the state the CA reports, never on the state we expect, and what
/// a crash must not lose is kept before the step that needs it.
/// </summary>
/// <param name="client">The CA.</param>
/// <param name="accounts">Makes the account and, when the CA lost it, makes it again.</param>
/// <param name="solvers">The ways to prove control of a name, the preferred one first.</param>
/// <param name="journal">Remembers orders under way.</param>
/// <param name="choices">What certificates are to be like.</param>
/// <param name="patience">How long to wait for the CA.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told about what is odd and goes on.</param>
internal sealed partial class AcmeIssuer(
    AcmeClient client, AcmeAccounts accounts, ImmutableArray<IChallengeSolver> solvers, OrderJournal journal, IssuerChoices choices, AcmePatience patience, TimeProvider time, ILogger logger)
{
    // What another way to prove the name may do better (RFC 8555 §6.7).
    private static readonly string[] OfTheWay = ["connection", "dns", "serverInternal", "unauthorized", "tls"];

    private readonly OrderAuthorizer _authorizer = new(client, solvers, patience, time, logger);
    private readonly OrderFinalizer _finalizer = new(client, choices, patience, time, logger);

    /// <summary>The CA as its folder is named.</summary>
    public string Name { get; } = CaName.Of(client.DirectoryUrl);

    /// <summary>Our account at the CA.</summary>
    public AcmeAccounts Accounts => accounts;

    /// <summary>The ways to prove a name that are tried here.</summary>
    public IEnumerable<string> ChallengeTypes => solvers.Select(solver => solver.Type);

    /// <summary>Whether a refusal speaks of the validation of a name, so that a test CA would refuse as well.</summary>
    public static bool IsOfValidation(AcmeException refused) => refused.Challenge is not null || refused.Problem.IsAny("connection", "dns", "unauthorized", "tls", "incorrectResponse", "dnssec");

    /// <summary>Obtains a certificate. It is to be kept, and then <see cref="Settle"/> to be called.</summary>
    /// <exception cref="AcmeException">The CA refused.</exception>
    /// <exception cref="IssuanceException">Something on our side, or the certificate is not what was ordered.</exception>
    /// <exception cref="HttpRequestException">The CA is not there.</exception>
    public async Task<IssuedCertificate> IssueAsync(IssuanceRequest request, CancellationToken cancel)
    {
        Uri? account = null;
        try
        {
            account = await accounts.EnsureAsync(cancel).ConfigureAwait(false);
            return await TryWaysAsync(request, cancel).ConfigureAwait(false);
        }
        catch (AcmeException gone) when (gone.Problem.Is("accountDoesNotExist") || (account is not null && MayBeOfAccount(gone)))
        {
            // The CA was reset, or the account is another one's. Once: a CA that forgets every account at once is left to the ladder.
            account ??= accounts.Known;
            if (!gone.Problem.Is("accountDoesNotExist") && !await accounts.IsLostAsync(account, cancel).ConfigureAwait(false))
            {
                throw;
            }

            Log.AccountGone(logger, account);
            journal.Forget(request.Names);
            await accounts.RegisterAgainAsync(account, cancel).ConfigureAwait(false);
            return await TryWaysAsync(request with { Held = null }, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>The certificate is kept: its order needs no memory any more.</summary>
    public void Settle(ImmutableArray<string> names) => journal.Forget(names);

    /// <summary>When the CA wants a certificate renewed (RFC 9773); null when it does not say.</summary>
    public async Task<RenewalInfo?> GetRenewalInfoAsync(X509Certificate2 leaf, CancellationToken cancel) =>
        CertificateIdentity.Of(leaf) is { } identity ? await client.GetRenewalInfoAsync(identity, cancel).ConfigureAwait(false) : null;

    /// <summary>Takes a certificate back (RFC 8555 §7.6): by the account, else by its own key.</summary>
    public async Task RevokeAsync(X509Certificate2 leaf, int reason, CancellationToken cancel)
    {
        try
        {
            await accounts.EnsureAsync(cancel).ConfigureAwait(false);
            await client.RevokeAsync(leaf.RawData, reason, null, cancel).ConfigureAwait(false);
        }
        catch (AcmeException done) when (done.Problem.Is("alreadyRevoked"))
        {
            Log.RevokedBefore(logger, leaf.SerialNumber);
        }
        catch (AcmeException stranger) when (stranger.Problem.IsAny("unauthorized", "accountDoesNotExist") && leaf.GetECDsaPrivateKey() is { } own)
        {
            // Another account obtained it. Who holds its key may revoke it all the same.
            using var key = AccountKey.FromPem(own.ExportPkcs8PrivateKeyPem());
            await client.RevokeAsync(leaf.RawData, reason, key, cancel).ConfigureAwait(false);
        }
    }

    // RFC 8555 §6.2 has a word for an account that is not there. CAs say other things of a URL that is none of theirs.
    private static bool MayBeOfAccount(AcmeException refused) =>
        refused is { Challenge: null, Problem.Identifier: null } && (refused.Problem.Is("malformed") || refused.Problem.Is("unauthorized"));

    private async Task<IssuedCertificate> TryWaysAsync(IssuanceRequest request, CancellationToken cancel)
    {
        var failed = new HashSet<(AcmeIdentifier, string)>();
        AcmeException? first = null;
        while (true)
        {
            try
            {
                return await ObtainAsync(request, failed, cancel).ConfigureAwait(false);
            }
            catch (AcmeException refused) when (refused.Challenge is { } challenge && request.Turn is null && refused.Problem.IsAny(OfTheWay) && HasOtherWay(challenge, failed))
            {
                Log.OtherWay(logger, challenge.Identifier.Value, challenge.Type, refused.Message);
                first ??= refused;
            }
            catch (IssuanceException none) when (first is not null && none is { Issued: false })
            {
                // The other way does not work here. What the CA said of the first one is the reason.
                throw new AcmeException(first.Problem with { Detail = $"{first.Problem.Detail}; by another way: {none.Message}" }, first.RetryAfter) { Challenge = first.Challenge };
            }
        }
    }

    private bool HasOtherWay(FailedChallenge challenge, HashSet<(AcmeIdentifier, string)> failed) =>
        failed.Add((challenge.Identifier, challenge.Type)) && solvers.Any(solver => challenge.Offered.Contains(solver.Type) && !failed.Contains((challenge.Identifier, solver.Type))
            && solver.CanSolve(new ChallengeAnswer { Type = solver.Type, Identifier = challenge.Identifier, Wildcard = challenge.Wildcard, Token = "any", Account = client.Account! }));

    private async Task<IssuedCertificate> ObtainAsync(IssuanceRequest request, HashSet<(AcmeIdentifier, string)> failed, CancellationToken cancel)
    {
        var profile = await _finalizer.ProfileAsync(request.Names, cancel).ConfigureAwait(false);
        var (order, journaled) = await ResumeAsync(request, profile, cancel).ConfigureAwait(false) ?? await BeginAsync(request, profile, cancel).ConfigureAwait(false);
        using (journaled)
        {
            try
            {
                // 1. Prove control of the names; 2. wait until the CA sees it so; 3. hand in the request, fetch and check.
                if (order.Status is AcmeStatus.Pending or AcmeStatus.Unknown)
                {
                    await _authorizer.AuthorizeAsync(order, request.Turn ?? 0, failed, cancel).ConfigureAwait(false);
                }

                return await _finalizer.FinishAsync(order, journaled.Key, request.Names, cancel).ConfigureAwait(false);
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                var after = journaled.After(failure);
                var isLost = after.HasStrayed && order.Status == AcmeStatus.Valid;
                if (IsFinal(failure) || after.HasStrayed)
                {
                    journal.Forget(request.Names);
                    await GiveUpAsync(order, cancel).ConfigureAwait(false);
                }
                else if (after != journaled)
                {
                    journal.Keep(request.Names, profile, after);
                }

                // What the CA has made counts once.
                if (isLost || failure is IssuanceException { Issued: true })
                {
                    throw new IssuanceException(failure.Message) { Issued = !journaled.Counted, Passes = !isLost && failure is IssuanceException { Passes: true } };
                }

                throw;
            }
        }
    }

    // What the next attempt may find done is kept; what the CA or we said no to is not.
    private static bool IsFinal(Exception failure) => failure switch
    {
        AcmeException { Problem: var problem } => !problem.Passes,
        IssuanceException { Passes: var passes } => !passes,
        _ => false,
    };

    /// <summary>The order an earlier process left, when the CA still has it and its certificate is not the one we hold.</summary>
    private async Task<(AcmeOrder Order, JournaledOrder Journaled)?> ResumeAsync(IssuanceRequest request, string? profile, CancellationToken cancel)
    {
        if (journal.Find(request.Names, profile) is not { } journaled)
        {
            return null;
        }

        using var held = request.Held?.GetECDsaPublicKey();
        if (held is null || !held.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(journaled.Key.ExportSubjectPublicKeyInfo()))
        {
            try
            {
                var order = await client.GetOrderAsync(journaled.Url, cancel).ConfigureAwait(false);
                if (order.Status is AcmeStatus.Pending or AcmeStatus.Ready or AcmeStatus.Processing or AcmeStatus.Valid)
                {
                    Log.Resumed(logger, request.Names[0], order.Url, order.Status);
                    return (order, journaled);
                }
            }
            catch (AcmeException astray) when (astray.Problem.Status is >= 200 and < 400)
            {
                var after = journaled.After(astray);
                if (!after.HasStrayed)
                {
                    journal.Keep(request.Names, profile, after);
                    journaled.Dispose();
                    throw;
                }

                // It may have been finished, and its certificate made, without our seeing it: counted as one that is lost.
                journal.Forget(request.Names);
                journaled.Dispose();
                throw new IssuanceException(astray.Message) { Issued = !journaled.Counted };
            }
            catch (AcmeException gone) when (gone.Problem is { Status: >= 400 and < 500, Passes: false } && !gone.Problem.Is("accountDoesNotExist"))
            {
                Log.NotResumed(logger, request.Names[0], gone.Message);
            }
        }

        journaled.Dispose();
        journal.Forget(request.Names);
        return null;
    }

    private async Task<(AcmeOrder Order, JournaledOrder Journaled)> BeginAsync(IssuanceRequest request, string? profile, CancellationToken cancel)
    {
        var offered = await client.DirectoryAsync(cancel).ConfigureAwait(false);
        var replaces = offered.RenewalInfo is not null && request is { SayReplaces: true, Held: { } held } ? CertificateIdentity.Of(held) : null;
        var asked = new AcmeOrderRequest([.. request.Names.Select(AcmeIdentifier.Of)], profile, replaces);
        AcmeOrder order;
        try
        {
            order = await client.NewOrderAsync(asked, cancel).ConfigureAwait(false);
        }
        catch (AcmeException refused) when (replaces is not null && (refused.Problem.Is("alreadyReplaced") || refused.Problem.IsAny("malformed", "unauthorized") || refused.Problem.Status is 404))
        {
            // RFC 9773 §5: a predecessor the CA has other ideas about is no reason to go without a successor.
            Log.ReplacesDropped(logger, request.Names[0], refused.Message);
            order = await client.NewOrderAsync(asked with { Replaces = null }, cancel).ConfigureAwait(false);
        }

        return (order, journal.Begin(request.Names, profile, order.Url));
    }

    /// <summary>
    /// Takes the authorizations back that nobody will finish, so that they do not count as pending (§7.5.2). Valid ones
    /// stay: the next attempt need not prove these names again.
    /// </summary>
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

    private static partial class Log
    {
        [LoggerMessage(4020, LogLevel.Warning, "The CA does not know our account {Account} any more; it is registered again")]
        public static partial void AccountGone(ILogger logger, Uri? account);

        [LoggerMessage(4021, LogLevel.Debug, "The authorization {Url} was not taken back: {Reason}")]
        public static partial void NotDeactivated(ILogger logger, Uri url, string reason);

        [LoggerMessage(4103, LogLevel.Information, "{Name} could not be proven by {Type} ({Reason}); another way is tried")]
        public static partial void OtherWay(ILogger logger, string name, string type, string reason);

        [LoggerMessage(4104, LogLevel.Information, "The order {Order} for {Name} goes on where an earlier run left it ({Status})")]
        public static partial void Resumed(ILogger logger, string name, Uri order, AcmeStatus status);

        [LoggerMessage(4105, LogLevel.Information, "The order that an earlier run left for {Name} is gone: {Reason}")]
        public static partial void NotResumed(ILogger logger, string name, string reason);

        [LoggerMessage(4106, LogLevel.Information, "The CA does not take what the new certificate for {Name} replaces ({Reason}); it is ordered without")]
        public static partial void ReplacesDropped(ILogger logger, string name, string reason);

        [LoggerMessage(4107, LogLevel.Information, "The certificate {Serial} was revoked before")]
        public static partial void RevokedBefore(ILogger logger, string serial);
    }
}
