using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Settings;

namespace Edge.Names;

/// <summary>Reads "sign" of an entry of "dns.zones": true, or how.</summary>
internal static class SignOption
{
    private const string Key = "sign";

    /// <summary>How the zone is signed; null when it is not.</summary>
    public static ZoneSigningOptions? Read(MapReader zone)
    {
        switch (zone.Node(Key))
        {
            case null:
                return null;
            case MapNode:
                return ReadMap(zone.Section(Key)!);
            case ScalarNode said when SwitchText.Parse(said.Value) is { } isSigned:
                return isSigned ? new ZoneSigningOptions() : null;
            case var other:
                zone.Problems.Add(other, "is neither true, false, nor a mapping", "sign: true, or sign: {algorithm: ed25519, denial: nsec}");
                return null;
        }
    }

    private static ZoneSigningOptions ReadMap(MapReader section)
    {
        var algorithm = section.Word("algorithm", "ecdsa-p256", "ed25519");
        var denial = section.Word("denial", "compact", "nsec");
        var keys = section.Word("keys", "one", "ksk-and-zsk");
        section.Done();
        return new ZoneSigningOptions(
            algorithm == "ed25519" ? SigningAlgorithm.Ed25519 : SigningAlgorithm.EcdsaP256Sha256,
            denial == "nsec" ? DenialMode.Nsec : DenialMode.Compact,
            keys == "ksk-and-zsk");
    }
}
