using Edge.Dns.Wire;

namespace Edge.Dns.Zones;

/// <summary>Remembers over restarts under which serial each zone of each view was served last, so that none goes back.</summary>
public interface IServedSerials
{
    /// <summary>What was served last; null for a zone that never was.</summary>
    ServedSerial? Find(string view, Name origin);

    /// <summary>Notes what is served from now on; returns when it survives the end of this process.</summary>
    void Keep(string view, Name origin, ServedSerial served);
}
