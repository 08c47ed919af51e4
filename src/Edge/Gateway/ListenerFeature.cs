using System.Net.Security;
using Edge.Connections;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Says of a connection, and so of each of its requests, by which listener it came in, and for which name its handshake was.</summary>
internal sealed class ListenerFeature
{
    public static readonly ListenerFeature Http = new(ListenerKind.Http);
    public static readonly ListenerFeature Https = new(ListenerKind.Https);
    public static readonly ListenerFeature Admin = new(ListenerKind.Admin);

    public static readonly ListenerFeature Metrics = new(ListenerKind.Metrics);

    private string? _serverName;
    private string? _agreed;
    private bool _hasAsked;

    private readonly LoopConnection? _connection;

    private ListenerFeature(ListenerKind kind, LoopConnection? connection = null) => (Kind, _connection) = (kind, connection);

    public ListenerKind Kind { get; }

    /// <summary>Whether a request has come over the connection.</summary>
    public bool HasAsked => Volatile.Read(ref _hasAsked);

    /// <summary>The listener of this request; null where no listener of ours was involved, as in a test server.</summary>
    public static ListenerFeature? Of(HttpContext context) => context.Features.Find<ListenerFeature>();

    /// <summary>The one for a new connection of a client of the gateway: each has a name and a first request of its own.</summary>
    /// <param name="connection">The connection.</param>
    public ListenerFeature ForConnection(ConnectionContext connection) =>
        Kind is ListenerKind.Https or ListenerKind.Http ? new ListenerFeature(Kind, connection as LoopConnection) : this;

    /// <summary>The client may still be sending when the connection ends behind an answer: see <see cref="LoopConnection.Linger"/>.</summary>
    public void Linger() => _connection?.Linger();

    /// <summary>Takes note of a request; true for the first one.</summary>
    public bool Ask() => !HasAsked && !Interlocked.Exchange(ref _hasAsked, true);

    /// <summary>Takes note of the name in the ClientHello.</summary>
    public void Name(string serverName) => _serverName = serverName.Length == 0 ? null : serverName;

    /// <summary>
    /// Whether a request is for another host than the connection was made for (RFC 9110 section 15.5.20). A host with the
    /// same certificate is as good: browsers send its requests over connections that they have (RFC 9113 section 9.1.1).
    /// </summary>
    /// <param name="host">The Host header or :authority.</param>
    /// <param name="certificates">Gives the certificate for a server name.</param>
    public bool IsMisdirected(string host, Func<string?, SslStreamCertificateContext?> certificates)
    {
        // Kestrel gives the same string again for the same header on one connection.
        if (_serverName is null || ReferenceEquals(host, _agreed))
        {
            return false;
        }

        Span<char> buffer = stackalloc char[HostText.Longest];
        var name = HostText.Normalise(host, buffer);
        if (!name.Equals(_serverName, StringComparison.OrdinalIgnoreCase) && !ReferenceEquals(certificates(name.ToString()), certificates(_serverName)))
        {
            return true;
        }

        _agreed = host;
        return false;
    }
}
