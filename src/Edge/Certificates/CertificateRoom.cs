using Edge.Certificates.Acme;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>The certificates of a running Edge, put together.</summary>
internal sealed class CertificateRoom : IDisposable
{
    private readonly CertificateOptions _started;
    private readonly AcmeHttp? _http;
    private readonly AccountKey? _key;
    private readonly AcmeAccounts? _accounts;

    private CertificateRoom(CertificateSetup setup)
    {
        var logger = setup.Logger;
        _started = setup.Options;
        Authority = CertificateAuthority.Open(setup.Data, setup.Node, setup.Time, logger);
        var files = new CertificateFiles(setup.Data, logger);
        var zones = new OwnZones(setup.Zones);
        AcmeIssuer? issuer = null;
        if (setup.Options.Acme is { } acme)
        {
            var folder = AcmeAccounts.Folder(setup.Data, acme.Directory);
            _http = new AcmeHttp(acme.TrustedRoots);
            _key = AcmeAccounts.OpenKey(folder);
            var client = new AcmeClient(acme.Directory, _key, _http.Client, setup.Time);
            _accounts = new AcmeAccounts(folder, client, acme.Contact, setup.Time, logger);
            issuer = new AcmeIssuer(client, _accounts, Challenges, zones.WhyNotServed, AcmePatience.Usual, setup.Time, logger);
        }

        Manager = new CertificateManager(files, Authority, Selector, issuer?.Name, setup.Time, logger) { Addresses = setup.Addresses };
        Manager.Load();
        Planner = new CertificatePlanner(setup.Node, zones.IsOurs, Manager);
        Loop = new RenewalLoop(Manager, Planner, issuer, files, setup.Store, setup.Ladder, setup.Time, logger);
        Planner.Replan();
    }

    /// <summary>For the gateway's handshakes.</summary>
    public CertificateSelector Selector { get; } = new();

    /// <summary>For the zone manager, last among its sources.</summary>
    public ChallengeRecords Challenges { get; } = new();

    /// <summary>For the service catalog, among its readers.</summary>
    public CertificatePlanner Planner { get; }

    /// <summary>To be run for as long as the program runs.</summary>
    public RenewalLoop Loop { get; }

    /// <summary>For <c>edge certs</c>: <see cref="CertificateManager.Status"/>.</summary>
    public CertificateManager Manager { get; }

    /// <summary>For <c>edge ca</c>.</summary>
    public CertificateAuthority Authority { get; }

    /// <summary>Reads or makes the CA, reads the certificates on disk; when it returns, this box's own name has one.</summary>
    /// <exception cref="IOException">The data folder cannot be used.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The CA's root or the account's key is broken; the message says which file.</exception>
    public static CertificateRoom Open(CertificateSetup setup) => new(setup);

    /// <summary>Takes over what can change: the roots that vouch for the CA's directory.</summary>
    public void Use(CertificateOptions options)
    {
        if (options.Acme is { } acme && options.ToString() == _started.ToString())
        {
            // Only for the CA that is in use: another one waits for the next start, and its roots with it.
            _http?.Use(acme.TrustedRoots);
        }
    }

    public void Dispose()
    {
        _accounts?.Dispose();
        _http?.Dispose();
        _key?.Dispose();
        Authority.Dispose();
    }
}
