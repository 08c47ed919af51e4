namespace Edge.Connections.Tls;

/// <summary>How far a handshake has come.</summary>
internal enum HandshakeStep
{
    /// <summary>It goes on when more has come.</summary>
    NeedsBytes,

    /// <summary>It is over, and both sides know each other.</summary>
    Done,

    /// <summary>What was asked for is the framework's: nothing was said to the client yet.</summary>
    Elsewhere,
}
