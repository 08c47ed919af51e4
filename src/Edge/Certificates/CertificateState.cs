namespace Edge.Certificates;

/// <summary>How a certificate stands.</summary>
internal enum CertificateState
{
    /// <summary>Valid, nothing to do.</summary>
    Serving,

    /// <summary>Being obtained or renewed, or due.</summary>
    Renewing,

    /// <summary>The last attempt failed; it is tried again. What was there before still serves.</summary>
    Failing,
}
