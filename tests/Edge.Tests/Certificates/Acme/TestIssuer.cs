using System.Collections.Immutable;
using Edge.Acme;
using Edge.Certificates;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Tests.Certificates.Acme;

/// <summary>An issuer before the CA in memory, for which every wait is over at once.</summary>
internal sealed class TestIssuer : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<IChallengeSolver> _solvers = [];

    public TestIssuer()
    {
        Server.Now = Time.GetUtcNow;
        Files = new AcmeFolder(_folder.Path);
    }

    public FakeAcmeServer Server { get; } = new();

    public ImpatientTime Time { get; } = new(DateTimeOffset.UtcNow);

    public IAcmeFiles Files { get; set; }

    public HttpMessageHandler? Wire { get; set; }

    public ImmutableArray<string> Contact { get; set; } = ["mailto:me@example.com"];

    public ExternalAccount? External { get; set; }

    public IssuerChoices Choices { get; set; } = new();

    public ChallengeRecords Challenges { get; } = new();

    public string Path => _folder.Path;

    /// <summary>Other ways than dns-01, in their order.</summary>
    public TestIssuer With(params IChallengeSolver[] solvers)
    {
        _solvers.AddRange(solvers);
        return this;
    }

    /// <summary>The issuer as a process makes it at its start, from what lies on the disk.</summary>
    public AcmeIssuer Start()
    {
        var client = new AcmeClient(FakeAcmeServer.Directory, AcmeAccounts.OpenKey(Files), new HttpClient(Wire ?? Server, disposeHandler: false), Time);
        var accounts = new AcmeAccounts(Files, client, new AccountRequest(Contact, External), Time, NullLogger.Instance);
        ImmutableArray<IChallengeSolver> solvers = _solvers.Count > 0 ? [.. _solvers] : [new DnsSolver(ChallengeType.Dns01, Challenges, (owner, _) => ValueTask.FromResult(owner), _ => null)];
        return new AcmeIssuer(client, accounts, solvers, new OrderJournal(Files), Choices, AcmePatience.Usual, Time, NullLogger.Instance);
    }

    public void Dispose() => _folder.Dispose();
}
