using System.Collections.Frozen;
using Edge.Dns.Wire;

namespace Edge.Dns.Signing;

/// <summary>The signers of all zones that are signed here, at one moment. Immutable.</summary>
public sealed class SignerSet
{
    /// <summary>No zone is signed.</summary>
    public static readonly SignerSet None = new([], TimeProvider.System);

    private readonly FrozenDictionary<Name, ZoneSigner> _signers;

    /// <summary>Puts signers together.</summary>
    /// <param name="signers">One for each zone.</param>
    /// <param name="time">Measures how many proofs are made.</param>
    /// <param name="last">The set before it, whose proofs are kept.</param>
    public SignerSet(IEnumerable<ZoneSigner> signers, TimeProvider time, SignerSet? last = null)
    {
        _signers = signers.ToFrozenDictionary(signer => signer.Origin);
        Compact = last is { IsEmpty: false } ? last.Compact : new CompactDenial(time);
        Chains = last is { IsEmpty: false } ? last.Chains : new NsecChains();
    }

    /// <summary>The signer of a zone; null when it is not signed here.</summary>
    public ZoneSigner? Find(Name origin) => _signers.GetValueOrDefault(origin);

    /// <summary>Whether any zone is signed.</summary>
    public bool IsEmpty => _signers.Count == 0;

    internal CompactDenial Compact { get; }

    internal NsecChains Chains { get; }
}
