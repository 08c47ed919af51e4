using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Transfer;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>A nameserver that has example.com from other servers, and keeps it in a folder.</summary>
internal sealed class FollowingServer : IAsyncDisposable
{
    private readonly DnsListeners _listeners;
    private readonly ZoneManager _manager;
    private readonly QueryProcessor _processor;
    private bool _stopped;

    /// <param name="folder">Where zones are kept.</param>
    /// <param name="time">The clock.</param>
    /// <param name="port">Where to listen; 0 lets the system choose.</param>
    /// <param name="settings">The zones.</param>
    public FollowingServer(string folder, TimeProvider? time, int port, params SecondarySetting[] settings)
    {
        time ??= TimeProvider.System;
        var views = new ViewSet([View.Declare("lan", [IPNetwork.Parse("127.0.0.0/8")])]);
        var keys = new RequestKeySet([new(TransferringServer.Key("lan-key."), "lan"), new(TransferringServer.Key("public-key."), "public")]);
        var desk = new ExchangeDesk(() => keys, TimeProvider.System, Logs.CreateLogger("desk"));
        Secondaries = new SecondaryZones([.. settings], folder, () => keys, time, Logs.CreateLogger("secondaries"));
        desk.Handle(Opcode.Notify, Secondaries);
        _manager = new ZoneManager([Secondaries], ["lan", "public"], NullLogger.Instance, time);
        _processor = new QueryProcessor(() => _manager.Current, () => views, null, desk) { Unavailable = () => Secondaries.Unavailable };
        _listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, port)], _processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _listeners.Start();
        Secondaries.Start();
    }

    public RecordingLogs Logs { get; } = new();

    public SecondaryZones Secondaries { get; }

    public int Port => _listeners.EndPoints[0].Port;

    public static SecondarySetting From(int port, string? key = null, PrimaryTls? tls = null) =>
        new(Name.Parse("example.com."), null, [new PrimaryServer(new IPEndPoint(IPAddress.Loopback, port), key is null ? null : Name.Parse(key), tls)]);

    /// <summary>What is served of a zone, sorted; null when it is not.</summary>
    public List<string>? Content(string origin = "example.com.", string view = "lan")
    {
        var zones = _manager.Current;
        var zone = zones.Zones(zones.IndexOf(view)).FirstOrDefault(zone => zone.Origin == Name.Parse(origin));
        return zone is null ? null : TransferringServer.Sorted(zone.RRsets.SelectMany(set => set.Records).Select(RecordText.Format));
    }

    public uint? Serial(string origin = "example.com.", string view = "lan")
    {
        var zones = _manager.Current;
        return zones.Zones(zones.IndexOf(view)).FirstOrDefault(zone => zone.Origin == Name.Parse(origin))?.Serial;
    }

    public Message Ask(string name, string type)
    {
        var answer = new byte[1232];
        var context = new QueryContext(ClientAddress.From(IPAddress.Loopback), Transport.Udp);
        Assert.Equal(QueryOutcome.Answered, _processor.Process(TestNameserver.Query(name, type, new Edns(1232)), context, answer, out var length));
        return TestNameserver.Read(answer[..length]);
    }

    /// <summary>A NOTIFY, and what is answered.</summary>
    public async Task<Message> NotifyAsync(string origin, uint? serial, string client = "127.0.0.1")
    {
        var notify = new Message { Opcode = Opcode.Notify, Flags = MessageFlags.Authoritative };
        notify.Questions.Add(new Question(Name.Parse(origin), RecordType.SOA));
        if (serial is not null)
        {
            notify.Answer.Add(RecordText.Parse($"{origin} 300 IN SOA ns.{origin} h.{origin} {serial} 1 1 1 1"));
        }

        var sink = new CollectingSink();
        await _processor.CompleteAsync(notify.ToArray(), new QueryContext(ClientAddress.From(IPAddress.Parse(client)), Transport.Udp), sink, TestContext.Current.CancellationToken);
        return TestNameserver.Read(Assert.Single(sink.Messages));
    }

    public async Task Until(Func<bool> condition, Action? meanwhile = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, string.Join('\n', Logs.Lines));
            meanwhile?.Invoke();
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
        {
            _stopped = true;
            await _listeners.StopAsync();
            await Secondaries.DisposeAsync();
            _manager.Dispose();
        }
    }
}
