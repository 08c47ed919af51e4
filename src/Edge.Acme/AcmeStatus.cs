namespace Edge.Acme;

/// <summary>The state of an order, authorization or challenge (RFC 8555 §7.1.6).</summary>
internal enum AcmeStatus
{
    /// <summary>A word this program does not know; looked at again later, never an error by itself.</summary>
    Unknown,
    Pending,
    Ready,
    Processing,
    Valid,
    Invalid,
    Expired,
    Deactivated,
    Revoked,
}
