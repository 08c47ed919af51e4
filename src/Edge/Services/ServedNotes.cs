using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>Whether a service is served, and in plain words what keeps it from being served to everybody it is for.</summary>
internal static class ServedNotes
{
    private const string LanView = "lan";

    public static (bool Served, ImmutableArray<string> Notes) Of(RegistrationState state, ServiceStatus? known, bool live) =>
        Of(state.Registration.Hosts, state.InEffect, state.Lost, known, live);

    /// <param name="hosts">The hosts that it declares.</param>
    /// <param name="inEffect">What is in effect of it; null for nothing.</param>
    /// <param name="lost">What another has.</param>
    /// <param name="known">How it is served; null when nobody knows, and then what is in effect counts as served.</param>
    /// <param name="live">False when it is stored but not yet taken by everybody.</param>
    public static (bool Served, ImmutableArray<string> Notes) Of(ImmutableArray<string> hosts, Service? inEffect, ImmutableArray<ServiceConflict> lost, ServiceStatus? known, bool live)
    {
        if (!live)
        {
            return (false, ["it is stored, and will be served when it can be"]);
        }

        if (inEffect is not { } service)
        {
            return (false, ["something else holds its name or all of its hosts", .. lost.Select(conflict => conflict.Told)]);
        }

        var notes = ImmutableArray.CreateBuilder<string>();
        notes.AddRange(hosts.Except(service.Hosts).Select(host => lost.FirstOrDefault(conflict => HostClaims.Of(conflict.Lost, host) == conflict.What)?.Told ?? $"{host} belongs to another service"));
        var served = true;
        if (known is not null)
        {
            served = IsRouted(service, known, notes);
            foreach (var host in service.Hosts)
            {
                served &= IsNamed(service, host, known, notes);
            }
        }

        return (served, notes.ToImmutable());
    }

    private static bool IsRouted(Service service, ServiceStatus known, ImmutableArray<string>.Builder notes)
    {
        if (known.Route == "live")
        {
            return true;
        }

        const string refused = "refused: ";
        notes.Add(service.Stream is not null && known.Route?.StartsWith(refused, StringComparison.Ordinal) is true ? $"nobody comes in by its port: {known.Route[refused.Length..]}"
            : known.Route is { } route ? $"its route is {route}" : "the gateway has no route for it");
        return false;
    }

    private static bool IsNamed(Service service, string host, ServiceStatus known, ImmutableArray<string>.Builder notes)
    {
        var views = known.Names.Where(name => name.Host == host).ToArray();
        if (views.Length == 0)
        {
            notes.Add($"{host} lies in no zone of this Edge: its name must lead here by other means");
            return false;
        }

        var named = false;
        foreach (var view in views.Where(view => service.Expose == Exposure.Everywhere || view.View == LanView))
        {
            if (view.Addresses.Length > 0 || view.Alias is not null)
            {
                named = true;
                continue;
            }

            var orLanOnly = view.View == LanView || service.Expose == Exposure.Lan ? "" : ", or expose it to the lan only";
            notes.Add($"the view {view.View} has no addresses for {host}: set views.{view.View}.addresses in edge.yaml{orLanOnly}");
        }

        return named;
    }
}
