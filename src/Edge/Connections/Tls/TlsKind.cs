namespace Edge.Connections.Tls;

/// <summary>Who encrypts on the event loops: the setting <c>gateway.tls</c>.</summary>
internal enum TlsKind
{
    /// <summary>The system's OpenSSL, called by us.</summary>
    OpenSsl,

    /// <summary>The framework's stream around the same OpenSSL.</summary>
    Framework,
}
