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

    private readonly Lock _gate = new();
    private readonly ImmutableArray<AcmeAuthority> _authorities = options.Value.Authorities;
    private ImmutableArray<HostedCertificate> _certificates = [];
    private ImmutableArray<PublicIssuer> _issuers = [];

    /// <summary>What was kept is shown from the first handshake on.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        ImmutableArray<string> names = [.. options.Value.DomainNames.Select(name => name.ToLowerInvariant()).Distinct()];
        var store = new HostedStore(files, [.. _authorities.Select(one => one.Directory)], logger);
        store.TakeOver(names);
        _certificates = [.. names.Select(name => new HostedCertificate(name, store.PairsOf(name), served, time, logger) { Spare = store.SpareOf(name) })];
        foreach (var kept in _certificates.Where(certificate => certificate.Context is not null))
        {
            served.Publish(kept.Names[0], kept.Context!);
        }

        return base.StartAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!options.Value.AcceptTermsOfService)
        {
            Log.NotAgreed(logger, string.Join(", ", _authorities.Select(one => one.Directory)));
            return;
        }

        try
        {
            await Task.WhenAll(_certificates.Select(certificate => KeepAsync(certificate, stoppingToken))).ConfigureAwait(false);
        }
        finally
        {
            foreach (var issuer in _issuers)
            {
                issuer.Dispose();
            }
        }
    }

    private async Task KeepAsync(HostedCertificate certificate, CancellationToken cancel)
    {
        // The start of the application does not wait for files and keys.
        await Task.Yield();
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                var issuers = Shared();
                if (certificate.DueAt(time.GetUtcNow()) <= time.GetUtcNow())
                {
                    await new RenewalAttempt(issuers, RetryLadder.Minutes, time, logger).RunAsync(certificate, cancel).ConfigureAwait(false);
                }
                else if (certificate.Held is { } held && certificate.NextLook is var next && (next <= time.GetUtcNow() || next > time.GetUtcNow() + RenewalInfo.Latest))
                {
                    await HostedLook.AskAsync(issuers.First(issuer => issuer.Name == held.Issuer).Main, certificate, held, time, cancel).ConfigureAwait(false);
                }
            }
            catch (Exception failure) when (!cancel.IsCancellationRequested)
            {
                certificate.Failed(failure.Message, certificate.State.Doubted, RetryLadder.Minutes.Wait, certificate.State.Resting);
            }

            var sleep = certificate.DueAt(time.GetUtcNow()) - time.GetUtcNow();
            await Task.Delay(sleep < ShortestSleep ? ShortestSleep : sleep > LongestSleep ? LongestSleep : sleep, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    // One account for all names. A key file that is broken is told on every name's ladder, and mended without a restart.
    private ImmutableArray<PublicIssuer> Shared()
    {
        lock (_gate)
        {
            return _issuers = _issuers.IsEmpty ? Open(options.Value) : _issuers;
        }
    }

    private ImmutableArray<PublicIssuer> Open(EdgeCertificatesOptions wanted)
    {
        ImmutableArray<IChallengeSolver> ways =
        [
            .. solvers.Where(solver => solver is not (HttpChallenges or TlsChallenges)),
            .. wanted.AllowedChallengeTypes.SelectMany(type => solvers.Where(solver => solver is HttpChallenges or TlsChallenges && solver.Type == type)),
        ];
        // Once more where the disk was full at the start: else there would be a new key, and an account of its own for it.
        new HostedStore(files, [.. _authorities.Select(one => one.Directory)], logger).TakeOver([.. _certificates.Select(one => one.Names[0])]);
        var roots = wanted.TrustedRoot is { } path ? File.ReadAllText(path) : null;
        return
        [
            .. _authorities.Select(one => PublicIssuer.Open(
                new IssuerSettings(one.Directory)
                {
                    Contact = wanted.EmailAddress is { } mail ? [$"mailto:{mail}"] : [],
                    External = one.ExternalAccount,
                    Roots = roots,
                    Choices = new IssuerChoices(one.Profile, one.PreferredChain),
                    Staging = IssuerSettings.StagingOf(one.Directory),
                },
                directory => new CaFiles(files, directory), ways, time, logger)),
        ];
    }

    private static partial class Log
    {
        [LoggerMessage(4120, LogLevel.Error, "No certificate is ordered: set AcceptTermsOfService when you have read the terms of service of {Directories}")]
        public static partial void NotAgreed(ILogger logger, string directories);
    }
}
