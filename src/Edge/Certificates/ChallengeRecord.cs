using Edge.Dns.Wire;

namespace Edge.Certificates;

/// <summary>One TXT record that proves control of a name to a CA.</summary>
/// <param name="Owner">"_acme-challenge." and the name.</param>
/// <param name="Text">43 characters of base64url.</param>
internal sealed record ChallengeRecord(Name Owner, string Text);
