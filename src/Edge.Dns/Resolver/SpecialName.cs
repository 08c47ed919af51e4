using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>A domain that is answered here and never asked upstream.</summary>
/// <param name="Domain">The domain; what is below it is meant too.</param>
/// <param name="Answer">What is answered.</param>
/// <param name="Reference">The document that says so.</param>
public sealed record SpecialName(Name Domain, SpecialNameAnswer Answer, string Reference)
{
    // RFC 6303 §3: owner @, NS @, mailbox nobody.invalid.
    internal RData Soa { get; } = RData.Soa(Domain, Name.Parse("nobody.invalid"), 1, 3600, 1200, 604800, SpecialNames.Ttl);
}
