using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>Zones as text, held in memory and changed by the test.</summary>
internal sealed class HeldZones : IZoneSource
{
    public string Name => "test";

    public ZoneContribution Current { get; private set; } = ZoneContribution.Empty;

    public event Action? Changed;

    /// <summary>Declares a zone, or what of it one view sees otherwise; served when this returns.</summary>
    public void Put(string origin, string? view, string text)
    {
        var apex = Edge.Dns.Wire.Name.Parse(origin);
        var result = ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(text), apex);
        Assert.Empty(result.Problems.Where(problem => problem.Severity == ZoneProblemSeverity.Error));
        var zone = new DeclaredZone(apex, view, [.. result.Records]);
        Current = Current with { Zones = [.. Current.Zones.Where(other => other.Origin != apex || other.View != view), zone] };
        Changed?.Invoke();
    }

    /// <summary>Takes a zone back.</summary>
    public void Remove(string origin)
    {
        Current = Current with { Zones = [.. Current.Zones.Where(zone => zone.Origin != Edge.Dns.Wire.Name.Parse(origin))] };
        Changed?.Invoke();
    }
}
