using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Gateway;
using Edge.Tests.Gateway;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>Each way to prove a name, before a real CA that looks for itself and refuses a fifth of all nonces: the client alone gives up after ten, which half of all would come to now and then.</summary>
public sealed class PebbleWaysTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();
    private readonly HttpChallenges _http = new();
    private readonly TlsChallenges _tls = new(TimeProvider.System);
    private readonly ChallengeRecords _records = new();
    private readonly List<IDisposable> _owned = [];
    private DnsListeners? _dns;
    private ZoneManager? _zones;
    private PebbleServer? _pebble;
    private RunningGateway? _gateway;

    [Theory]
    [InlineData("http-01", "nas.example.test")]
    [InlineData("tls-alpn-01", "nas.example.test")]
    [InlineData("dns-01", "*.nas.example.test")]
    [InlineData("dns-01", "alias.example.test")]
    public async Task A_name_is_proven_by(string type, string name)
    {
        await StartAsync();
        var issued = await Issuer(type).IssueAsync(new IssuanceRequest([name]), Cancel);
        await LeadsToRootAsync(issued.ChainPem, 0);
        Assert.True(_http.IsIdle && _tls.IsIdle && _records.Current.Overlay.IsEmpty);
    }

    [Theory]
    [InlineData("tls-alpn-01", "http-01")]
    [InlineData("dns-01", "http-01")]
    public async Task Where_one_way_is_barred_the_next_is_taken(string barred, string type)
    {
        // tls-alpn-01 is looked for at a port where nobody is; dns-01 is answered with what is not the proof.
        await StartAsync(tlsPort: FreePorts.Next());
        var issuer = barred == "dns-01" ? Issuer(new MuteSolver(barred), _http) : Issuer(barred, type);
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel);
        Assert.Contains(_log.Lines, line => line.Contains($"could not be proven by {barred}"));
    }

    [Fact]
    public async Task A_CA_that_takes_only_customers_takes_ours()
    {
        await StartAsync(customer: ("kid-1", System.Buffers.Text.Base64Url.EncodeToString(System.Security.Cryptography.RandomNumberGenerator.GetBytes(48))));
        await Assert.ThrowsAsync<AcmeException>(() => Issuer("dns-01").IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel));
        await Assert.ThrowsAsync<AcmeException>(() => Issuer("dns-01", external: new ExternalAccount("kid-1", new byte[32])).IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel));
        var key = System.Buffers.Text.Base64Url.DecodeFromChars(_pebble!.Customer!.Value.Key);
        await Issuer("dns-01", external: new ExternalAccount("kid-1", key)).IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel);
    }

    [Fact]
    public async Task The_chain_that_is_preferred_is_taken()
    {
        await StartAsync(otherRoots: 2);
        using var other = X509Certificate2.CreateFromPem(await _pebble!.RootPemAsync(2));
        var issued = await Issuer("dns-01", choices: new IssuerChoices(null, other.GetNameInfo(X509NameType.SimpleName, false))).IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel);
        await LeadsToRootAsync(issued.ChainPem, 2);
    }

    [Fact]
    public async Task A_certificate_is_revoked_and_an_account_gets_another_key()
    {
        await StartAsync();
        var issuer = Issuer("dns-01");
        var issued = await issuer.IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel);
        issuer.Settle(["nas.example.test"]);
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
        Assert.Contains("Valid", await _pebble!.StatusAsync(leaf.SerialNumber));
        var account = await issuer.Accounts.RollOverAsync(Cancel);
        await issuer.RevokeAsync(leaf, 4, Cancel);
        Assert.Contains("Revoked", await _pebble.StatusAsync(leaf.SerialNumber));

        // The next start reads the new key and finds the same account.
        var next = Issuer("dns-01");
        Assert.Equal(account, await next.Accounts.EnsureAsync(Cancel));
        await next.IssueAsync(new IssuanceRequest(["nas.example.test"]), Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        if (_gateway is not null)
        {
            await _gateway.DisposeAsync();
        }

        if (_dns is not null)
        {
            await _dns.StopAsync();
            await _dns.DisposeAsync();
        }

        _zones?.Dispose();
        _pebble?.Dispose();
        _folder.Dispose();
    }

    private async Task StartAsync(int? tlsPort = null, (string, string)? customer = null, int otherRoots = 0)
    {
        _gateway = await RunningGateway.StartAsync(http: _http, tls: _tls);
        _zones = new ZoneManager([new ExampleZone(), _records], ["lan", "public"], _log, TimeProvider.System);
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.9/32")])]);
        _dns = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], new QueryProcessor(() => _zones.Current, () => views, null), new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _dns.Start();
        _pebble = new PebbleServer(_folder.Path, _dns.EndPoints[0], 3600)
        {
            RefusedNonces = 20,
            HttpPort = _gateway.Http,
            TlsPort = tlsPort ?? _gateway.Https,
            Customer = customer,
            OtherRoots = otherRoots,
        };
        await _pebble.StartAsync();
    }

    private AcmeIssuer Issuer(string type, string? second = null, ExternalAccount? external = null, IssuerChoices? choices = null)
    {
        var zones = new OwnZones(() => _zones!.Current);
        var targets = new ChallengeTargets(zones, (_, _) => Task.FromResult<Name?>(null));
        IChallengeSolver[] all = [new DnsSolver(ChallengeType.Dns01, _records, targets.ResolveAsync, zones.WhyNotServed), _http, _tls];
        return Issuer([.. all.Where(solver => solver.Type == type).Concat(all.Where(solver => solver.Type == second))], external, choices);
    }

    private AcmeIssuer Issuer(params IChallengeSolver[] solvers) => Issuer([.. solvers], null, null);

    private AcmeIssuer Issuer(ImmutableArray<IChallengeSolver> solvers, ExternalAccount? external, IssuerChoices? choices)
    {
        var files = new AcmeFolder(Path.Combine(_folder.Path, "account"));
        var http = new AcmeHttp(File.ReadAllText(_pebble!.RootFile));
        var client = new AcmeClient(_pebble.Directory, AcmeAccounts.OpenKey(files), http.Client, TimeProvider.System);
        var accounts = new AcmeAccounts(files, client, new AccountRequest([], external), TimeProvider.System, _log);
        _owned.AddRange([accounts, http]);
        return new AcmeIssuer(client, accounts, solvers, new OrderJournal(files), choices ?? new IssuerChoices(), AcmePatience.Usual, TimeProvider.System, _log);
    }

    private async Task LeadsToRootAsync(string chain, int root)
    {
        var (rootFile, chainFile) = (Path.Combine(_folder.Path, "root.pem"), Path.Combine(_folder.Path, "chain.pem"));
        await File.WriteAllTextAsync(rootFile, await _pebble!.RootPemAsync(root), Cancel);
        await File.WriteAllTextAsync(chainFile, chain, Cancel);
        Assert.Contains("chain.pem: OK", OpenSsl.Run("verify", "-CAfile", rootFile, "-untrusted", chainFile, chainFile));
    }
}
