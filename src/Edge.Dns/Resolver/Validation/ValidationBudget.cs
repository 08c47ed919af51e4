namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// What one answer may cost: whoever sends it chooses how many signatures and keys to try (CVE-2023-50387) and how
/// many hashes to compute (CVE-2023-50868), but not without end.
/// </summary>
internal sealed class ValidationBudget
{
    /// <summary>Signatures that are verified for one set.</summary>
    public const int PerSet = 8;

    /// <summary>Keys with the tag of one signature that are tried.</summary>
    public const int KeysPerTag = 4;

    /// <summary>RFC 9276 §3.2: more iterations than this are not computed, and the zone counts as unsigned.</summary>
    public const int MostIterations = 100;

    private const int PerAnswer = 48;

    // As many rounds of SHA-1 as eight names cost at the most iterations; without iterations, as RFC 9276 §3.1 wants
    // it, this is enough for every ancestor of the longest name.
    private const int HashRounds = 8 * (MostIterations + 1);

    private int _signatures = PerAnswer;
    private int _rounds = HashRounds;

    /// <summary>True when something was refused.</summary>
    public bool IsSpent { get; private set; }

    public bool TrySignature() => Take(ref _signatures, 1);

    public bool TryHash(int iterations) => Take(ref _rounds, iterations + 1);

    private bool Take(ref int left, int count)
    {
        IsSpent |= left < count;
        left -= IsSpent ? 0 : count;
        return !IsSpent;
    }
}
