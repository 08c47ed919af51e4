using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Acme;

/// <summary>A public CA with everything that belongs to it, and its test CA where it has one.</summary>
/// <param name="Main">The CA.</param>
/// <param name="Staging">Asked first when the CA could not prove a name: it counts no failures. Null where there is none.</param>
internal sealed record PublicIssuer(AcmeIssuer Main, AcmeIssuer? Staging = null) : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public string Name => Main.Name;

    /// <summary>Puts a CA of the settings together.</summary>
    /// <param name="settings">The CA.</param>
    /// <param name="filesOf">Where the files of a CA are.</param>
    /// <param name="solvers">The ways to prove names, the preferred one first.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what happens.</param>
    public static PublicIssuer Open(IssuerSettings settings, Func<Uri, IAcmeFiles> filesOf, ImmutableArray<IChallengeSolver> solvers, TimeProvider time, ILogger logger)
    {
        var owned = new List<IDisposable>();
        var main = Create(settings, filesOf, solvers, time, logger, owned);
        // What could be proven for another kind of certificate says little: addresses are given under one profile alone.
        var staging = settings.Staging is { } directory
            ? Create(settings with { Directory = directory, External = null, Choices = new IssuerChoices(settings.Choices.Profile) { IsTest = true } }, filesOf, solvers, time, logger, owned) : null;
        var issuer = new PublicIssuer(main, staging);
        issuer._owned.AddRange(owned);
        return issuer;
    }

    /// <summary>Takes over what can change while it is in use: the roots that vouch for its directory.</summary>
    public void Use(string? roots)
    {
        foreach (var http in _owned.OfType<AcmeHttp>())
        {
            http.Use(roots);
        }
    }

    public void Dispose()
    {
        foreach (var part in _owned)
        {
            part.Dispose();
        }
    }

    private static AcmeIssuer Create(IssuerSettings settings, Func<Uri, IAcmeFiles> filesOf, ImmutableArray<IChallengeSolver> solvers, TimeProvider time, ILogger logger, List<IDisposable> owned)
    {
        var files = filesOf(settings.Directory);
        var http = new AcmeHttp(settings.Roots);
        var key = AcmeAccounts.OpenKey(files);
        var client = new AcmeClient(settings.Directory, key, http.Client, time);
        var accounts = new AcmeAccounts(files, client, new AccountRequest(settings.Contact, settings.External), time, logger);
        owned.AddRange([accounts, http, key]);
        return new AcmeIssuer(client, accounts, solvers, new OrderJournal(files), settings.Choices, AcmePatience.Usual, time, logger);
    }
}
