using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What validation came to.</summary>
/// <param name="Security">The state of the answer (RFC 4035 §4.3).</param>
/// <param name="Code">For a bogus one: the extended error that says what is wrong (RFC 8914 §4).</param>
/// <param name="Reason">For a bogus or insecure one: why, in words.</param>
internal sealed record Validation(Security Security, ExtendedErrorCode Code = ExtendedErrorCode.Other, string Reason = "")
{
    public static readonly Validation Secure = new(Security.Secure);
}
