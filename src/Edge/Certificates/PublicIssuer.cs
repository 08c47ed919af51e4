using System.Collections.Immutable;
using Edge.Acme;

namespace Edge.Certificates;

/// <summary>A public CA with everything that belongs to it, and its test CA where it has one.</summary>
/// <param name="Main">The CA.</param>
/// <param name="Staging">Asked first when the CA could not prove a name: it counts no failures. Null where there is none.</param>
internal sealed record PublicIssuer(AcmeIssuer Main, AcmeIssuer? Staging = null) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public string Name => Main.Name;

    /// <summary>Puts a CA of the settings together.</summary>
    public static PublicIssuer Open(AcmeOptions options, CertificateSetup setup, ImmutableArray<IChallengeSolver> solvers)
    {
        var owned = new List<IDisposable>();
        var main = Create(options.Directory, options, setup, solvers, owned);
        var staging = options.Staging is { } directory ? Create(directory, options with { External = null, Profile = "", PreferredChain = null }, setup, solvers, owned) : null;
        var issuer = new PublicIssuer(main, staging);
        issuer._owned.AddRange(owned);
        return issuer;
    }

    /// <summary>Takes over what can change while it is in use: the roots that vouch for its directory.</summary>
    public void Use(AcmeOptions options)
    {
        foreach (var http in _owned.OfType<AcmeHttp>())
        {
            http.Use(options.TrustedRoots);
        }
    }

    public void Dispose()
    {
        foreach (var part in _owned)
        {
            part.Dispose();
        }
    }

    private static AcmeIssuer Create(Uri directory, AcmeOptions options, CertificateSetup setup, ImmutableArray<IChallengeSolver> solvers, List<IDisposable> owned)
    {
        var files = AcmeFolder.Of(setup.Data, directory);
        var http = new AcmeHttp(options.TrustedRoots);
        var key = AcmeAccounts.OpenKey(files);
        var client = new AcmeClient(directory, key, http.Client, setup.Time);
        var accounts = new AcmeAccounts(files, client, new AccountRequest(options.Contact, options.External), setup.Time, setup.Logger);
        owned.AddRange([accounts, http, key]);
        ImmutableArray<IChallengeSolver> preferred = [.. options.Challenges.SelectMany(type => solvers.Where(solver => solver.Type == type))];
        return new AcmeIssuer(client, accounts, preferred, new OrderJournal(files), new IssuerChoices(options.Profile, options.PreferredChain), AcmePatience.Usual, setup.Time, setup.Logger);
    }
}
