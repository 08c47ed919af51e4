namespace Edge.Acme;

/// <summary>An account as the CA knows it (RFC 8555 §7.1.2).</summary>
/// <param name="Url">Its opaque URL, the "kid" of later requests.</param>
/// <param name="Status">Valid, Deactivated or Revoked.</param>
/// <param name="Created">True when this request made it (201), false when it existed (200).</param>
internal sealed record AcmeAccount(Uri Url, AcmeStatus Status, bool Created);
