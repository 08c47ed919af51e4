using Edge.Dns.Signing.Keys;

namespace Edge.Dns.Signing;

/// <summary>How one zone is to be signed.</summary>
/// <param name="Algorithm">What new keys are made with.</param>
/// <param name="Denial">How it proves absence.</param>
/// <param name="Split">A KSK and a ZSK in place of one CSK.</param>
public sealed record ZoneSigningOptions(
    SigningAlgorithm Algorithm = SigningAlgorithm.EcdsaP256Sha256, DenialMode Denial = DenialMode.Compact, bool Split = false);
