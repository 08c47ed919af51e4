namespace Edge.Acme;

/// <summary>The words of RFC 8555 §7.1.6.</summary>
internal static class AcmeStatusText
{
    public static AcmeStatus Parse(string? word) => word switch
    {
        "pending" => AcmeStatus.Pending,
        "ready" => AcmeStatus.Ready,
        "processing" => AcmeStatus.Processing,
        "valid" => AcmeStatus.Valid,
        "invalid" => AcmeStatus.Invalid,
        "expired" => AcmeStatus.Expired,
        "deactivated" => AcmeStatus.Deactivated,
        "revoked" => AcmeStatus.Revoked,
        _ => AcmeStatus.Unknown,
    };
}
