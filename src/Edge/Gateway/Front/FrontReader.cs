using System.Diagnostics;
using System.Net;
using System.Text;
using Edge.Observability;
using Edge.Observability.Requests;

namespace Edge.Gateway.Front;

/// <summary>Reads the requests of one connection, finds where they go, and writes what is asked there.</summary>
/// <param name="door">Knows what may go by the front.</param>
/// <param name="id">The connection's name.</param>
/// <param name="listener">Where it came in.</param>
/// <param name="address">Who asks, as the socket says it.</param>
internal sealed class FrontReader(FrontDoor door, string id, ListenerFeature listener, IPAddress address)
{
    private readonly FrontTexts _texts = new();
    private byte[]? _clientLines;
    private byte[]? _trailerLines;
    private RouteTable? _table;
    private RouteEntry? _entry;
    private int _number;

    /// <summary>Who asks; IPv4 as IPv4.</summary>
    public IPAddress Client { get; } = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    /// <summary>Whether it has given a number to any request.</summary>
    public bool HasRead => _number > 0;

    private string Scheme => listener.Kind == ListenerKind.Https ? "https" : "http";

    /// <summary>Takes the first request in what has come. False for one that is the web server's.</summary>
    /// <param name="bytes">What has come.</param>
    /// <param name="buffer">What the destination is asked goes to its front.</param>
    /// <param name="request">The request, with a record that has begun.</param>
    /// <param name="length">How long what the destination is asked is.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, byte[] buffer, out FrontRequest request, out int length) => TryRead(bytes, buffer, 0, takesTrailers: false, out request, out length);

    /// <summary>The same of a stream of HTTP/2.</summary>
    /// <param name="bytes">What HTTP/1.1 would say.</param>
    /// <param name="buffer">What the destination is asked goes to its front.</param>
    /// <param name="stream">The stream's number; 0 for HTTP/1.1, where they are counted.</param>
    /// <param name="takesTrailers">Whether the client says that it takes trailers.</param>
    /// <param name="request">The request, with a record that has begun.</param>
    /// <param name="length">How long what the destination is asked is.</param>
    public bool TryRead(ReadOnlySpan<byte> bytes, byte[] buffer, int stream, bool takesTrailers, out FrontRequest request, out int length)
    {
        (request, length) = (default, 0);
        Span<FieldLine> lines = stackalloc FieldLine[FrontHead.MostLines];
        if (!FrontHead.TryRead(bytes, lines, out var head) || RouteOf(head, out var target, out var now) is not { } entry
            || !MayGo(entry) || door.DestinationOf(entry, out var state) is not { } destination)
        {
            return false;
        }

        var number = new RequestNumber(id, stream > 0 ? stream : ++_number);
        length = head.Write(destination.PathPrefix, takesTrailers ? _trailerLines ??= [.. "TE: trailers\r\nConnection: TE\r\n"u8, .. ClientLines()] : _clientLines ??= ClientLines(), number, door.LoopMark, buffer);
        if (length == 0)
        {
            return false;
        }

        door.Listeners.Ask(listener);
        var record = door.Books.Begin(now);
        (record.Number, record.Client, record.Method, record.Scheme, record.Protocol) = (number, address, head.IsHead ? "HEAD" : "GET", Scheme, stream > 0 ? "HTTP/2" : "HTTP/1.1");
        (record.Host, record.Target, record.UserAgent, record.Referer) = (_texts.Host, target, _texts.UserAgentOf(head), _texts.RefererOf(head));
        record.Take(entry);
        (record.Destination, record.IsCounting) = (state?.Model.Config.Address ?? entry.SoleAddress, true);
        request = new FrontRequest(record, entry, state, destination, state is null ? entry.SoleLoad! : DestinationLoad.Of(state), door.PromiseOf(entry, _texts.Host, listener), head.IsHead, head.Closes, head.IsEmbedded, head.Length, Stopwatch.GetTimestamp());
        return true;
    }

    /// <summary>Whether a request would be taken now, which nothing is told of.</summary>
    public bool Takes(ReadOnlySpan<byte> bytes)
    {
        Span<FieldLine> lines = stackalloc FieldLine[FrontHead.MostLines];
        return FrontHead.TryRead(bytes, lines, out var head) && RouteOf(head, out _, out _) is { } entry && MayGo(entry) && door.DestinationOf(entry, out _) is not null;
    }

    // Null for a request that the front does not take; else with the target as a text, and the time.
    private RouteEntry? RouteOf(in FrontHead head, out string target, out DateTimeOffset now)
    {
        var table = door.Routes.Current;
        if (!_texts.IsHost(head.Host) || !ReferenceEquals(table, _table))
        {
            return RouteOf(head, table, out target, out now);
        }

        // Asked for the same host as before, and nothing has changed: mostly so.
        (target, now) = (TargetOf(head) ?? "", door.Books.Time.GetUtcNow());
        return target.Length > 0 ? _entry : null;
    }

    // One host after the other, each is far away in memory: what does not need it is done while it comes.
    private RouteEntry? RouteOf(in FrontHead head, RouteTable table, out string target, out DateTimeOffset now)
    {
        Span<char> buffer = stackalloc char[FrontDoor.HostRoom];
        var key = FrontDoor.KeyOf(head.Host, buffer, table);
        (target, now) = (TargetOf(head) ?? "", door.Books.Time.GetUtcNow());
        if (target.Length == 0)
        {
            return null;
        }

        _entry = door.RouteOf(key, Client, table, out var isSure, out var text);
        _texts.Take(head.Host, Ascii.Equals(head.Host, key.Host) ? text : null);
        _table = isSure ? table : null;
        return _entry;
    }

    private bool MayGo(RouteEntry entry)
    {
        if (door.Listeners.IsMisdirected(listener, _texts.Host) || !entry.GoesByFront)
        {
            return false;
        }

        ColdMemory.Fetch(entry.SoleLoad);
        return true;
    }

    private string? TargetOf(in FrontHead head) => door.MayTake(head, Client) ? _texts.TargetOf(head.Target) : null;

    private byte[] ClientLines() => Encoding.ASCII.GetBytes($"X-Real-IP: {Client}\r\nX-Forwarded-For: {Client}\r\nX-Forwarded-Proto: {Scheme}\r\n");
}
