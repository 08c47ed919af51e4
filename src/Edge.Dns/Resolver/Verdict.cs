using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What validation came to.</summary>
/// <param name="Security">
/// The state of the answer (RFC 4035 §4.3); <see cref="Security.Indeterminate"/> when the keys could not be had.
/// </param>
/// <param name="Code">The extended error that goes with it (RFC 8914 §4): why it fails, or why it is not secure.</param>
/// <param name="Reason">For one that is not secure: why, in words.</param>
internal sealed record Verdict(Security Security, ExtendedErrorCode Code = ExtendedErrorCode.Other, string Reason = "")
{
    /// <summary>How long the signatures let the answer be kept (RFC 4035 §5.3.3).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.MaxValue;

    /// <summary>Whether the client gets SERVFAIL instead of the answer.</summary>
    public bool Fails => Security is Security.Bogus or Security.Indeterminate;

    public static Verdict Secure(TimeSpan lifetime) => new(Security.Secure) { Lifetime = lifetime };

    public static Verdict Bogus(string reason, ExtendedErrorCode code = ExtendedErrorCode.DnssecBogus) => new(Security.Bogus, code, reason);
}
