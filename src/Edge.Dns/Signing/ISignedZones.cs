using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Dns.Signing;

/// <summary>What transfers ask about zones that are signed here.</summary>
public interface ISignedZones
{
    /// <summary>Whether a zone is signed here.</summary>
    bool IsSigned(Name origin);

    /// <summary>
    /// The content under which a version of a zone goes out; null when the zone is not signed here, and is then to be sent
    /// as it is. The same object for the same version, as long as it is the newest one of its view.
    /// </summary>
    /// <param name="view">The view.</param>
    /// <param name="zone">The version.</param>
    SignedZoneContent? ContentOf(string view, Zone zone);
}
