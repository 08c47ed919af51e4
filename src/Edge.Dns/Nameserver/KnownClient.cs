namespace Edge.Dns.Nameserver;

/// <summary>
/// What was found out about the client whose query came last, on one thread: many queries come from few resolvers, and
/// one after the other.
/// </summary>
internal struct KnownClient
{
    private ClientAddress _client;
    private ClientAddress _server;
    private ServingSnapshot? _snapshot;

    /// <summary>The view it sees.</summary>
    public int View { get; private set; }

    /// <summary>Whether it gets every answer: it need not prove its address, and no limit counts its answers.</summary>
    public bool GetsAll { get; private set; }

    /// <summary>Whether this is what is known of who asks now.</summary>
    public readonly bool IsOf(in QueryContext context, ServingSnapshot snapshot) =>
        ReferenceEquals(_snapshot, snapshot) && _client == context.Client && _server == context.Server;

    /// <summary>Takes note of another one.</summary>
    public void Learn(in QueryContext context, ServingSnapshot snapshot, int view, bool getsAll) =>
        (_client, _server, _snapshot, View, GetsAll) = (context.Client, context.Server, snapshot, view, getsAll);
}
