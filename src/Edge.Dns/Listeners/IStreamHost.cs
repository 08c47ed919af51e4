using Edge.Dns.Nameserver;

namespace Edge.Dns.Listeners;

/// <summary>What the threads of one listener share. Called from any of them.</summary>
internal interface IStreamHost
{
    /// <summary>Whether the client may have one more connection; it is counted then.</summary>
    bool TryAdmit(ClientAddress client);

    /// <summary>A connection of the client has ended.</summary>
    void Release(ClientAddress client);

    /// <summary>
    /// Takes over a connection whose next query takes longer than the thread has. It stays counted until
    /// <see cref="Release"/>.
    /// </summary>
    /// <param name="handle">The socket's descriptor; the host owns it from here on.</param>
    /// <param name="context">Who asks.</param>
    /// <param name="tls">The encryption, at the state it has reached; null for plain TCP.</param>
    /// <param name="received">What was received and not answered yet.</param>
    void TakeOver(int handle, QueryContext context, TlsSession? tls, byte[] received);

    /// <summary>Tells about a failure that is nobody's fault outside.</summary>
    void Report(Exception error);
}
