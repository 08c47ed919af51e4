using System.Collections.Immutable;
using System.Net;
using System.Text;
using Edge.Dns.Listeners;
using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Nameserver;
using Edge.Dns.Tests.Zones;
using Edge.Dns.Tsig;
using Edge.Dns.Update;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>The engine with one zone that may be updated, on loopback, its journal in a folder of its own. Clients of 127.0.0.1 are in the view "lan".</summary>
internal sealed class UpdateServer : IAsyncDisposable
{
    public const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-update-server-");
    private readonly ViewSet _views = new([View.Declare("lan", [IPNetwork.Parse("127.0.0.0/8")])]);
    private readonly Files _files = new();
    private readonly Copies _copies = new();
    private readonly DnsListeners _listeners;
    private readonly QueryProcessor _processor;

    public UpdateServer(string zone = UpdatedZone.Text, string? lan = null, params (string Name, string? View, string[] Rules)[] keys)
    {
        _files.Declare(zone, lan);
        var all = keys.Length > 0 ? keys : [("everything", null, ["* ANY"])];
        foreach (var (name, view, rules) in all)
        {
            var key = Name.Parse(name);
            Keys[key] = new UpdateKey(key, view, [.. rules.Select(text => UpdateRule.TryParse(text, key, out var rule, out var error) ? rule : throw new ArgumentException(error))]);
        }

        RequestKeySet known = new([.. all.Select(key => new RequestKey(KeyOf(key.Name), key.View))]);
        Updates = UpdateManager.Open(Journal, Log, TimeProvider.System);
        Zones = new ZoneManager([_files, _copies, Updates], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var desk = new ExchangeDesk(() => known, TimeProvider.System, NullLogger.Instance);
        desk.Handle(Opcode.Update, new UpdateHandler(Updates, name => Keys.GetValueOrDefault(name), [_files, _copies], [_copies], TimeProvider.System, Log));
        _processor = new QueryProcessor(() => Zones.Current, () => _views, null, desk);
        _listeners = DnsListeners.Bind([new IPEndPoint(IPAddress.Loopback, 0)], _processor, new ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        _listeners.Start();
    }

    public Dictionary<Name, UpdateKey> Keys { get; } = [];

    public RecordingLogger Log { get; } = new();

    public UpdateManager Updates { get; }

    public ZoneManager Zones { get; }

    public int Port => _listeners.EndPoints[0].Port;

    public string Journal => Path.Combine(_folder.FullName, "updates.journal");

    public static TsigKey KeyOf(string name) => new(Name.Parse(name), TsigAlgorithm.HmacSha256, Convert.FromBase64String(Secret));

    public static byte[] Sign(string key, byte[] message, TimeProvider? time = null)
    {
        using var signer = TsigSigner.ForRequest(KeyOf(key), time ?? TimeProvider.System);
        var buffer = new byte[message.Length + signer.RoomNeeded];
        message.CopyTo(buffer, 0);
        return buffer[..signer.Sign(buffer, message.Length)];
    }

    /// <summary>The zone's files say something else from now on.</summary>
    public void EditFiles(string zone, string? lan = null) => _files.Declare(zone, lan);

    /// <summary>Sends an update, signed unless the key is null; the answer's code.</summary>
    public async Task<Rcode> SendAsync(string? key, params string[] lines) => (await AnswerAsync(key, UpdateText.Message(UpdatedZone.Origin, lines))).Rcode;

    /// <summary>The answer to a message, its signature not looked at.</summary>
    public async Task<Message> AnswerAsync(string? key, byte[] message) => await AnswerRawAsync(key is null ? message : Sign(key, message));

    public async Task<Message> AnswerRawAsync(byte[] message)
    {
        var context = new QueryContext(ClientAddress.From(IPAddress.Loopback), Transport.Tcp);
        var answer = new byte[Message.MaxLength];
        if (_processor.Process(message, context, answer, out var length) == QueryOutcome.Answered)
        {
            return Unsigned(answer[..length]);
        }

        var sink = new CollectingSink();
        await _processor.CompleteAsync(message, context, sink, TestContext.Current.CancellationToken);
        return Unsigned(Assert.Single(sink.Messages));
    }

    /// <summary>The records of the zone as a view is served it, without the serial: "SOA" in place of its line.</summary>
    public ImmutableArray<string> Lines(string view = "public") =>
    [
        .. Zones.Current.Zones(Zones.Current.IndexOf(view)).Single(zone => zone.Origin == UpdatedZone.Origin).RRsets.Where(set => set.Type != RecordType.SOA)
            .SelectMany(set => set.Records).Select(RecordText.Format).Order(StringComparer.Ordinal),
    ];

    public uint Serial(string view = "public") => Zones.Current.Zones(Zones.Current.IndexOf(view)).Single(zone => zone.Origin == UpdatedZone.Origin).Serial;

    public async ValueTask DisposeAsync()
    {
        await _listeners.DisposeAsync();
        await Updates.DisposeAsync();
        Zones.Dispose();
        _folder.Delete(recursive: true);
    }

    private static Message Unsigned(byte[] answer)
    {
        Assert.True(TsigRecord.TryFind(answer, out var record));
        if (record is not null)
        {
            answer = answer[..record.Offset];
            answer[11]--;
        }

        return TestNameserver.Read(answer);
    }

    private sealed class Files : IZoneSource
    {
        public string Name => "files";

        public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

        public event Action? Changed;

        public void Declare(string zone, string? lan)
        {
            var below = Edge.Dns.Wire.Name.Parse("below.example.com.");
            Current = ZoneContribution.Empty with
            {
                Zones =
                [
                    Read(UpdatedZone.Origin, null, zone),
                    .. lan is null ? Array.Empty<DeclaredZone>() : [Read(UpdatedZone.Origin, "lan", lan)],
                    Read(below, null, "@ 60 SOA ns host 1 2 3 4 5\n@ 60 NS ns\nns 60 A 192.0.2.1\n"),
                ],
            };
            Changed?.Invoke();
        }

        private static DeclaredZone Read(Name origin, string? view, string text) => new(origin, view, ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(text), origin).Records);
    }

    // What a secondary has: not ours to change.
    private sealed class Copies : IZoneSource
    {
        public string Name => "copies";

        public ZoneContribution Current { get; } = ZoneContribution.Empty with
        {
            Zones = [new DeclaredZone(Edge.Dns.Wire.Name.Parse("copy.test."), null, [RecordText.Parse("copy.test. 60 SOA ns. host. 1 2 3 4 5"), RecordText.Parse("copy.test. 60 NS ns.")])],
        };

        public event Action? Changed
        {
            add
            {
            }

            remove
            {
            }
        }
    }
}
