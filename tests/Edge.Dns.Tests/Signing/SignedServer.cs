using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Tests.Signing;

/// <summary>A signed zone in two views: clients that come from 127.0.0.1 are in the lan, all others see the public one.</summary>
internal sealed class SignedServer : IAsyncDisposable
{
    private readonly TimeProvider _time;
    private DnsListeners? _listeners;

    public SignedServer(DenialMode denial = DenialMode.Compact, SigningAlgorithm algorithm = SigningAlgorithm.EcdsaP256Sha256, bool split = false, string text = SignedZones.Text, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        Keys = ZoneKeySet.Create(SignedZones.Origin, algorithm, split, _time.GetUtcNow());
        Public = SignedZones.Zone(Keys, text);
        Lan = SignedZones.Zone(Keys, text.Replace("192.0.2.8", "192.168.1.8", StringComparison.Ordinal));
        Zones = new ZoneSet(["lan", "public"], [[Lan], [Public]]);
        Signers = new SignerSet([new ZoneSigner(Keys, denial, _time)], _time);
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.1/32")]), View.Declare("public", [])]);
        Processor = new QueryProcessor(() => Zones, () => views, null) { Signers = () => Signers };
    }

    public ZoneKeySet Keys { get; }

    public Zone Lan { get; }

    public Zone Public { get; }

    public ZoneSet Zones { get; set; }

    public SignerSet Signers { get; set; }

    public QueryProcessor Processor { get; }

    public int Port { get; private set; }

    /// <summary>DS data as a trust anchor.</summary>
    public string Ds => $"example.com. DS {RecordText.FormatData(RecordType.DS, Keys.EntryPoints[0].DelegationSigner())}";

    /// <summary>The key as delv wants it.</summary>
    public string Anchors
    {
        get
        {
            var fields = RecordText.FormatData(RecordType.DNSKEY, Keys.EntryPoints[0].Dnskey).Split(' ', 4);
            return $"trust-anchors {{ \"example.com.\" static-key {fields[0]} {fields[1]} {fields[2]} \"{fields[3]}\"; }};\n";
        }
    }

    public SignedServer Listen()
    {
        _listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], Processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _listeners.Start();
        Port = _listeners.EndPoints[0].Port;
        return this;
    }

    public byte[] Raw(byte[] query, Transport transport = Transport.Udp)
    {
        var answer = new byte[Message.MaxLength];
        Processor.Process(query, new QueryContext(TestNameserver.PublicClient, transport), answer, out var length);
        return answer[..length];
    }

    /// <summary>Asks from outside, with DO unless said otherwise.</summary>
    public Message Ask(string name, string type, bool dnssecOk = true, Transport transport = Transport.Udp, ushort size = 1232) =>
        TestNameserver.Read(Raw(TestNameserver.Query(name, type, new Edns(size, dnssecOk)), transport));

    /// <summary>Turns one bit of the signature over a set in both views.</summary>
    public void Spoil(string owner, RecordType type)
    {
        foreach (var zone in (Zone[])[Lan, Public])
        {
            var name = Name.Parse(owner);
            zone.TryFind(name.GetHashCode(), name.Wire, out var node);
            node.TryFind(type, out var set);
            var good = Signers.Find(SignedZones.Origin)!.Sign(set, node.OwnerWire, _time.GetUtcNow().ToUnixTimeSeconds());
            var records = good.Records.ToArray();
            records[^9] ^= 4;
            set.Keep(good with { Records = records });
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_listeners is not null)
        {
            await _listeners.StopAsync();
        }
    }
}
