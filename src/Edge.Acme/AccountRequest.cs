using System.Collections.Immutable;

namespace Edge.Acme;

/// <summary>What a newAccount asks for (RFC 8555 §7.3). The terms of service have been agreed to before one is made.</summary>
/// <param name="Contact">"mailto:" URIs.</param>
/// <param name="External">The account it is bound to, where the CA wants one.</param>
/// <param name="OnlyExisting">Never make one (§7.3.1).</param>
internal sealed record AccountRequest(ImmutableArray<string> Contact, ExternalAccount? External = null, bool OnlyExisting = false)
{
    public static readonly AccountRequest Existing = new([], null, OnlyExisting: true);
}
