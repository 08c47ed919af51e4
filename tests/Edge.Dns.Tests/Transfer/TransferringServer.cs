using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Tests.Listeners;
using Edge.Dns.Transfer;
using Edge.Dns.Tsig;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>
/// A nameserver on loopback with two horizons and a key for each; this machine itself sees "lan". Its zones go to
/// whoever the test's policy allows.
/// </summary>
internal sealed class TransferringServer : IAsyncDisposable
{
    public const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    public const string Zone = """
        $TTL 300
        @     SOA ns hostmaster 10 3600 900 1209600 300
        @     NS  ns
        @     MX  10 mail
        ns    A   192.0.2.53
        mail  A   192.0.2.25
        www   A   192.0.2.80
        www   AAAA 2001:db8::80
        *.w   CNAME www
        txt   TXT "a \"quoted\" string; with more" "and another"
        Case  A   192.0.2.81
        sub   NS  ns.sub
        ns.sub A  192.0.2.54
        srv   SRV 1 2 443 www
        odd   TYPE65280 \# 3 0a0b0c
        """;

    public const string LanZone = """
        $TTL 300
        www   A   192.168.1.80
        nas   A   192.168.1.10
        """;

    private readonly DnsListeners _listeners;

    public TransferringServer(TransferPolicy policy, TimeProvider? time = null, ImmutableArray<CatalogSetting> catalogs = default, SigningManager? signing = null)
    {
        var clock = time ?? TimeProvider.System;
        Keys = new RequestKeySet([new(Key("lan-key."), "lan"), new(Key("public-key."), "public"), new(Key("other-key."), "public")]);
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.0/8")])]);
        Held.Put("example.com.", null, Zone);
        Held.Put("example.com.", "lan", LanZone);
        var source = new CatalogSource(catalogs.IsDefault ? [] : catalogs, clock);
        Manager = new ZoneManager(signing is null ? [Held, source] : [Held, source, signing], ["lan", "public"], NullLogger.Instance, clock);
        source.Follow(Manager);
        var desk = new ExchangeDesk(() => Keys, TimeProvider.System, Logs.CreateLogger("desk"));
        Transfers = new ZoneTransfers(Manager, () => views, () => Keys, desk, policy, [IPAddress.Loopback], clock, Logs, signing);
        Processor = new QueryProcessor(() => Manager.Current, () => views, null, desk);
        _listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], Processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance,
            new EncryptedEndPoints([new IPEndPoint(IPAddress.Loopback, 0)], _ => TestCertificate.Context));
        _listeners.Start();
        Transfers.Start();
    }

    public HeldZones Held { get; } = new();

    public RecordingLogs Logs { get; } = new();

    public ZoneManager Manager { get; }

    public ZoneTransfers Transfers { get; }

    public QueryProcessor Processor { get; }

    public RequestKeySet Keys { get; }

    public int Port => _listeners.EndPoints[0].Port;

    public int TlsPort => _listeners.TlsEndPoints[0].Port;

    /// <summary>Whoever has one of the first two keys may have everything of its view.</summary>
    public static TransferPolicy ByKey { get; } = new(
        [], [KeyValuePair.Create(Name.Parse("lan-key."), new TransferRight(null)), KeyValuePair.Create(Name.Parse("public-key."), new TransferRight(null))]);

    /// <summary>This machine may have example.com as "lan" sees it, without a key.</summary>
    public static TransferPolicy ByAddress { get; } = new(
        [KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer(new IPEndPoint(IPAddress.Loopback, 9))))], []);

    public static TsigKey Key(string name) => new(Name.Parse(name), TsigAlgorithm.HmacSha256, Convert.FromBase64String(Secret));

    /// <summary>The argument with which dig signs.</summary>
    public static string Sign(string key) => $"-y hmac-sha256:{key}:{Secret}";

    /// <summary>The same zone with another serial and whatever else is changed.</summary>
    public void Change(uint serial, string added = "", string origin = "example.com.") =>
        Held.Put(origin, null, Zone.Replace("hostmaster 10 ", $"hostmaster {serial} ", StringComparison.Ordinal) + "\n" + added);

    public Edge.Dns.Zones.Zone Served(string view, string origin = "example.com.")
    {
        var zones = Manager.Current;
        return zones.Zones(zones.IndexOf(view)).Single(zone => zone.Origin == Name.Parse(origin));
    }

    /// <summary>The records of one horizon, sorted.</summary>
    public List<string> Content(string view, string origin = "example.com.") => Sorted(Served(view, origin).RRsets.SelectMany(set => set.Records).Select(RecordText.Format));

    public static List<string> Sorted(IEnumerable<string> records) => [.. records.Distinct().Select(line => line.ToLowerInvariant()).Order(StringComparer.Ordinal)];

    public List<string> Dig(string arguments, string program = "dig") => Transfer.Dig.Records($"-p {Port} @127.0.0.1 {arguments}", program);

    public string DigRaw(string arguments, string program = "dig") => Transfer.Dig.Run($"-p {Port} @127.0.0.1 {arguments}", program);

    /// <summary>Waits until something is in the log.</summary>
    public async Task UntilLogged(string part)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!Logs.Lines.Any(line => line.Contains(part, StringComparison.Ordinal)))
        {
            Assert.False(deadline.IsCancellationRequested, $"\"{part}\" is never logged:\n{string.Join('\n', Logs.Lines)}");
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _listeners.StopAsync();
        await Transfers.DisposeAsync();
        Manager.Dispose();
    }
}
