using System.Collections.Immutable;
using System.Text.Json;

namespace Edge.Acme;

/// <summary>What a CA offers and where (RFC 8555 §7.1.1). Members we do not know are ignored: CAs put random ones in on purpose.</summary>
internal sealed record AcmeDirectory
{
    public required Uri NewNonce { get; init; }

    public required Uri NewAccount { get; init; }

    public required Uri NewOrder { get; init; }

    public Uri? RevokeCert { get; init; }

    public Uri? KeyChange { get; init; }

    /// <summary>RFC 9773 §3; null when the CA does not offer it.</summary>
    public Uri? RenewalInfo { get; init; }

    public string? TermsOfService { get; init; }

    public bool ExternalAccountRequired { get; init; }

    /// <summary>How CAA records name the CA (RFC 8659 §4.2).</summary>
    public ImmutableArray<string> CaaIdentities { get; init; } = [];

    /// <summary>The profiles the CA offers, by name.</summary>
    public ImmutableArray<string> Profiles { get; init; } = [];

    /// <summary>When it was read.</summary>
    public DateTimeOffset Fetched { get; init; }

    /// <summary>Null when one of the three URLs that nothing goes without is missing.</summary>
    public static AcmeDirectory? Read(JsonElement root)
    {
        var meta = Json.Member(root, "meta") ?? default;
        var profiles = Json.Member(meta, "profiles");
        return Json.Url(root, "newNonce") is { } nonce && Json.Url(root, "newAccount") is { } account && Json.Url(root, "newOrder") is { } order
            ? new AcmeDirectory
            {
                NewNonce = nonce,
                NewAccount = account,
                NewOrder = order,
                RevokeCert = Json.Url(root, "revokeCert"),
                KeyChange = Json.Url(root, "keyChange"),
                RenewalInfo = Json.Url(root, "renewalInfo"),
                TermsOfService = Json.Text(meta, "termsOfService"),
                ExternalAccountRequired = Json.True(meta, "externalAccountRequired"),
                CaaIdentities = Json.Texts(meta, "caaIdentities"),
                Profiles = profiles is { ValueKind: JsonValueKind.Object } offered ? [.. offered.EnumerateObject().Select(profile => profile.Name)] : [],
            }
            : null;
    }
}
