using System.Diagnostics.CodeAnalysis;

namespace Edge.Services;

/// <summary>
/// Which service has which host, or which part of its requests. Several services may share a host when they take
/// different requests of it and are declared by the same party: all files, one token, one engine of containers.
/// </summary>
internal sealed class HostClaims
{
    private readonly Dictionary<string, Service> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Service> _shared = new(StringComparer.Ordinal);

    /// <summary>What a service takes of a host: the host itself, unless it asks for more than the host.</summary>
    public static string Of(Service service, string host) => service.Routing is { Claim: { Length: > 0 } claim } ? $"{host} ({claim})" : host;

    /// <summary>Whether two services may have different requests of one host.</summary>
    public static bool IsOfOneParty(Service one, Service other) => one.Source == other.Source && one.Party == other.Party;

    public void Add(Service service, string host)
    {
        var claim = Of(service, host);
        _claims.Add(claim, service);
        if (claim.Length != host.Length)
        {
            _shared.TryAdd(host, service);
        }
    }

    /// <summary>Some service has the host, or a part of it.</summary>
    public bool Has(string host) => _claims.ContainsKey(host) || _shared.ContainsKey(host);

    /// <summary>The service that keeps another one from having a host.</summary>
    public bool IsTaken(Service service, string host, [NotNullWhen(true)] out Service? holder)
    {
        var claim = Of(service, host);
        return _claims.TryGetValue(claim, out holder)
            || (_shared.TryGetValue(host, out holder) && !IsOfOneParty(service, holder))
            || (claim.Length != host.Length && _claims.TryGetValue(host, out holder) && !IsOfOneParty(service, holder));
    }
}
