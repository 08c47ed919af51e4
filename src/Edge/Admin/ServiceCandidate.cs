using System.Globalization;
using System.Net;
using System.Text;
using Edge.Admin.Reports;
using Edge.Dns.Multicast;
using Edge.Names.Multicast;
using Edge.Services;

namespace Edge.Admin;

/// <summary>A service of a neighbour that was found by mDNS, as it could be served. Nothing of what the neighbour says is believed to be harmless.</summary>
internal sealed class ServiceCandidate(FoundInstance found)
{
    public string Instance => found.Instance;

    public string Type => found.Type;

    /// <summary>One label made of the instance's name; of the host's where nothing is left of that.</summary>
    public string Name { get; } = FoundText.Name(found);

    /// <summary>Where it is forwarded to; null for what is no web service.</summary>
    public string? To => AnnouncedPlaces.Of(found) is { } place ? $"{place.Scheme}://{place.Authority}{(place.IsDefaultPort ? $":{place.Port}" : "")}" : null;

    public FoundServiceReport Report(ServiceSet services) => new(
        Name, Shown(found.Instance), found.Type, Shown(found.Host.ToHostString()), To, [.. found.Text.Select(Shown)], found.Interface, AdoptedAs(services));

    /// <summary>The declaration, as a person would write it: it follows the device, wherever that says it is.</summary>
    public string Declare(string name, bool everywhere) => $$"""
        # {{Shown(found.Instance)}} ({{found.Type}}) of {{Shown(found.Host.ToHostString())}}, found by mDNS
        services:
          {{name}}:
            mdns: {instance: {{Quoted(found.Instance)}}, type: {{found.Type}}}
            expose: {{(everywhere ? "everywhere" : "lan")}}

        """;

    // Whoever follows it; or else whoever was told by hand where it is, which others at the same address and port are as well.
    private string? AdoptedAs(ServiceSet services) =>
        (services.Services.FirstOrDefault(service => service.Announced is { } followed && followed.Instance.Equals(found.Instance, StringComparison.OrdinalIgnoreCase) && (followed.Type is null || followed.Type == found.Type))
            ?? services.Services.FirstOrDefault(service => service.Announced is null && service.To.Any(IsHere)))?.Name;

    private bool IsHere(Uri to) => to.Port == found.Port && IPAddress.TryParse(to.Host.Trim('[', ']'), out var address) && found.Addresses.Contains(address);

    private static string Shown(string text) => FoundText.Shown(text);

    // YAML 1.2 §7.3.1: whatever stands in it, it is one text.
    private static string Quoted(string text) => $"\"{string.Concat(text.EnumerateRunes().Select(Escaped))}\"";

    private static string Escaped(Rune rune) => rune.Value switch
    {
        '"' or '\\' => $"\\{rune}",
        _ when Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned || rune.Value > 0xffff =>
            $"\\U{rune.Value:X8}",
        _ => rune.ToString(),
    };
}
