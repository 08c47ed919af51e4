namespace Edge.Acme;

/// <summary>An account the customer has with the CA already, to which the ACME account is bound (RFC 8555 §7.3.4).</summary>
/// <param name="KeyId">The CA's name for the key.</param>
/// <param name="Key">The key's bytes; CAs hand it out in base64url.</param>
public sealed record ExternalAccount(string KeyId, ReadOnlyMemory<byte> Key)
{
    /// <summary>Without the key, which is nobody's to read in a log.</summary>
    public override string ToString() => KeyId;
}
