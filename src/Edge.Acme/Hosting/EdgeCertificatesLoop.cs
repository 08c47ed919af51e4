using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Edge.Acme.Hosting;

/// <summary>Keeps an application's certificates fresh for as long as it runs: each name by itself, and nothing that fails ends it.</summary>
/// <param name="options">What is wanted.</param>
/// <param name="files">Where it is kept.</param>
/// <param name="solvers">The ways to prove names.</param>
/// <param name="served">What handshakes show.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told what happens.</param>
internal sealed partial class EdgeCertificatesLoop(
    IOptions<EdgeCertificatesOptions> options, IAcmeFiles files, IEnumerable<IChallengeSolver> solvers, ServedCertificates served, TimeProvider time, ILogger<EdgeCertificatesLoop> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan AfterLook = TimeSpan.FromHours(1);

    private readonly RetryLadder _ladder = RetryLadder.Minutes;
    private readonly Lock _gate = new();
    private ImmutableArray<HostedCertificate> _certificates = [];
    private AcmeIssuer? _issuer;

    /// <summary>What was kept is shown from the first handshake on.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _certificates = [.. options.Value.DomainNames.Distinct(StringComparer.OrdinalIgnoreCase).Select(name => new HostedCertificate(name.ToLowerInvariant(), files))];
        foreach (var kept in _certificates.Where(certificate => certificate.Context is not null))
        {
            served.Publish(kept.Name, kept.Context!);
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var wanted = options.Value;
        if (!wanted.AcceptTermsOfService)
        {
            Log.NotAgreed(logger, Directory(wanted));
            return;
        }

        using var http = new AcmeHttp(wanted.TrustedRoot is { } path ? await File.ReadAllTextAsync(path, stoppingToken).ConfigureAwait(false) : null);
        await Task.WhenAll(_certificates.Select(certificate => KeepAsync(certificate, http.Client, wanted, stoppingToken))).ConfigureAwait(false);
    }

    private async Task KeepAsync(HostedCertificate certificate, HttpClient http, EdgeCertificatesOptions wanted, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var issuer = Shared(http, wanted);
                if (certificate.DueAt(time.GetUtcNow()) <= time.GetUtcNow())
                {
                    await RenewAsync(issuer, certificate, cancel).ConfigureAwait(false);
                }
                else if (certificate.Leaf is not null && certificate.NextLook <= time.GetUtcNow())
                {
                    await LookAsync(issuer, certificate, cancel).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                Fail(certificate, failure);
            }

            var sleep = certificate.DueAt(time.GetUtcNow()) - time.GetUtcNow();
            await Task.Delay(sleep < ShortestSleep ? ShortestSleep : sleep > LongestSleep ? LongestSleep : sleep, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task RenewAsync(AcmeIssuer issuer, HostedCertificate certificate, CancellationToken cancel)
    {
        var request = new IssuanceRequest([certificate.Name]) { Held = certificate.Leaf };
        var issued = await issuer.IssueAsync(request, cancel).ConfigureAwait(false);
        certificate.Take(issued);
        issuer.Settle(request.Names);
        served.Publish(certificate.Name, certificate.Context!);
        Log.Obtained(logger, certificate.Name, issuer.Name, certificate.Leaf!.NotAfter.ToUniversalTime());
    }

    private async Task LookAsync(AcmeIssuer issuer, HostedCertificate certificate, CancellationToken cancel)
    {
        RenewalInfo? info = null;
        try
        {
            info = await issuer.GetRenewalInfoAsync(certificate.Leaf!, cancel).ConfigureAwait(false);
        }
        catch (Exception silent) when (silent is AcmeException or HttpRequestException or IOException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            // What the CA does not say changes nothing: the share of the life decides.
        }

        certificate.Plan(
            info is null ? certificate.Window : RenewalWindow.Of(certificate.Window, info, Random.Shared.NextDouble),
            time.GetUtcNow() + (info?.RetryAfter ?? AfterLook));
    }

    private void Fail(HostedCertificate certificate, Exception failure)
    {
        var now = time.GetUtcNow();
        var wait = _ladder.Wait(certificate.Attempts + 1);
        if (certificate.Leaf is { } held)
        {
            wait = RenewalTime.Cut(wait, held.NotBefore.ToUniversalTime(), held.NotAfter.ToUniversalTime(), now);
        }

        wait = failure is AcmeException { RetryAfter: { } asked } && asked > wait ? asked : wait;
        Log.Failed(logger, certificate.Name, failure.Message, now + wait);
        try
        {
            certificate.Failed(now, now + wait);
        }
        catch (IOException full)
        {
            Log.Failed(logger, certificate.Name, full.Message, now + wait);
        }
    }

    // One account for all names. A key file that is broken is told on every name's ladder, and mended without a restart.
    private AcmeIssuer Shared(HttpClient http, EdgeCertificatesOptions wanted)
    {
        lock (_gate)
        {
            return _issuer ??= Issuer(http, wanted);
        }
    }

    private AcmeIssuer Issuer(HttpClient http, EdgeCertificatesOptions wanted)
    {
        var directory = Directory(wanted);
        var client = new AcmeClient(directory, AcmeAccounts.OpenKey(files), http, time);
        var accounts = new AcmeAccounts(files, client, new AccountRequest(wanted.EmailAddress is { } mail ? [$"mailto:{mail}"] : [], wanted.ExternalAccount), time, logger);
        ImmutableArray<IChallengeSolver> ways =
        [
            .. solvers.Where(solver => solver is not (HttpChallenges or TlsChallenges)),
            .. wanted.AllowedChallengeTypes.SelectMany(type => solvers.Where(solver => solver is HttpChallenges or TlsChallenges && solver.Type == type)),
        ];
        return new AcmeIssuer(client, accounts, ways, new OrderJournal(files), new IssuerChoices(wanted.Profile, wanted.PreferredChain), AcmePatience.Usual, time, logger);
    }

    private static Uri Directory(EdgeCertificatesOptions wanted) => wanted.UseStagingServer ? EdgeCertificatesOptions.LetsEncryptStaging : wanted.Directory;

    private static partial class Log
    {
        [LoggerMessage(4120, LogLevel.Error, "No certificate is ordered: set AcceptTermsOfService when you have read the terms of service of {Directory}")]
        public static partial void NotAgreed(ILogger logger, Uri directory);

        [LoggerMessage(4121, LogLevel.Information, "Certificate for {Name} obtained from {Issuer}, valid to {NotAfter:u}")]
        public static partial void Obtained(ILogger logger, string name, string issuer, DateTime notAfter);

        [LoggerMessage(4122, LogLevel.Warning, "Certificate for {Name} was not obtained: {Reason}; next attempt {NextTry:u}")]
        public static partial void Failed(ILogger logger, string name, string reason, DateTimeOffset nextTry);
    }
}
