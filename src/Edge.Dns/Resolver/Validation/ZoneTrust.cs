using Edge.Dns.Wire;

namespace Edge.Dns.Resolver.Validation;

/// <summary>What is known of the zone that a name lies in.</summary>
internal sealed record ZoneTrust
{
    /// <summary>Secure with keys, insecure, bogus, or indeterminate when the records could not be had.</summary>
    public required Security Security { get; init; }

    /// <summary>The zone, when it is secure.</summary>
    public Name Zone { get; init; } = Name.Root;

    /// <summary>Its keys.</summary>
    public IReadOnlyList<ZoneSigningKey> Keys { get; init; } = [];

    /// <summary>The name does not exist, so no zone begins below it.</summary>
    public bool IsEmptyBelow { get; init; }

    public ExtendedErrorCode Code { get; init; }

    public string Reason { get; init; } = "";

    /// <summary>How long this may be kept.</summary>
    public TimeSpan Lifetime { get; init; }

    public static ZoneTrust Insecure(string reason, TimeSpan lifetime, ExtendedErrorCode code = ExtendedErrorCode.Other) =>
        new() { Security = Security.Insecure, Reason = reason, Lifetime = lifetime, Code = code };

    public static ZoneTrust Bogus(ExtendedErrorCode code, string reason) =>
        new() { Security = Security.Bogus, Code = code, Reason = reason, Lifetime = ChainOfTrust.BogusLifetime };

    public static ZoneTrust Unknown(ExtendedErrorCode code, string reason) =>
        new() { Security = Security.Indeterminate, Code = code, Reason = reason, Lifetime = ChainOfTrust.FailureLifetime };

    /// <summary>What it means for an answer from there, when there is no key to look further with.</summary>
    public Verdict ToVerdict() => new(Security, Code, Reason) { Lifetime = Security == Security.Insecure ? TimeSpan.MaxValue : Lifetime };
}
