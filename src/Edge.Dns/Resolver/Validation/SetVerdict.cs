using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>Whether a zone's keys signed a set.</summary>
internal readonly record struct SetVerdict
{
    private SetVerdict(bool isSecure, string reason) => (IsSecure, Reason) = (isSecure, reason);

    public bool IsSecure { get; }

    /// <summary>How long it may be kept (RFC 4035 §5.3.3).</summary>
    public TimeSpan Lifetime { get; private init; }

    /// <summary>The labels that the signature counts: fewer than the owner has when the set comes from a wildcard.</summary>
    public int Labels { get; private init; }

    public ExtendedErrorCode Code { get; private init; }

    public string Reason { get; }

    public static SetVerdict Secure(TimeSpan lifetime, int labels) => new(true, "") { Lifetime = lifetime, Labels = labels };

    public static SetVerdict Bogus(ExtendedErrorCode code, string reason) => new(false, reason) { Code = code };

    public Verdict ToVerdict() => IsSecure ? Verdict.Secure(Lifetime) : Verdict.Bogus(Reason, Code);
}
