using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Edge.Admin.Reports;
using Edge.Dns.Multicast;
using Edge.Names.Leases;
using Edge.Services;

namespace Edge.Admin;

/// <summary>A service of a neighbour that was found by mDNS, as it could be served. Nothing of what the neighbour says is believed to be harmless.</summary>
internal sealed class ServiceCandidate(FoundInstance found)
{
    public string Instance => found.Instance;

    public string Type => found.Type;

    /// <summary>One label made of the instance's name; of the host's where nothing is left of that.</summary>
    public string Name { get; } = Label(found.Instance) ?? Label(found.Host.ToHostString().Split('.')[0]) ?? "found";

    /// <summary>Where it is forwarded to; null for what is no web service.</summary>
    public string? To => found.Type switch
    {
        "_http._tcp" => $"http://{Address()}:{found.Port}",
        "_https._tcp" => $"https://{Address()}:{found.Port}",
        _ => null,
    };

    public FoundServiceReport Report(ServiceSet services) => new(
        Name, Shown(found.Instance), found.Type, Shown(found.Host.ToHostString()), To, [.. found.Text.Select(Shown)], found.Interface, AdoptedAs(services));

    /// <summary>The declaration, as a person would write it.</summary>
    public string Declare(string name, bool everywhere) => $"""
        # {Shown(found.Instance)} ({found.Type}) of {Shown(found.Host.ToHostString())}, found by mDNS
        services:
          {name}:
            to: {To}
            expose: {(everywhere ? "everywhere" : "lan")}

        """;

    private string? AdoptedAs(ServiceSet services) => services.Services.FirstOrDefault(service => service.To.Any(IsHere))?.Name;

    private bool IsHere(Uri to) => to.Port == found.Port && IPAddress.TryParse(to.Host.Trim('[', ']'), out var address) && found.Addresses.Contains(address);

    private string Address() => found.Addresses[0] is { AddressFamily: AddressFamily.InterNetworkV6 } address ? $"[{address}]" : found.Addresses[0].ToString();

    // A terminal obeys control characters, a reader is fooled by marks of direction, and YAML takes two separators for the end of a line.
    private static string Shown(string text) => string.Concat(LeaseText.Shown(text).Select(c => char.GetUnicodeCategory(c) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator ? '?' : c));

    private static string? Label(string text)
    {
        var letters = text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-');
        var label = string.Join('-', string.Concat(letters).Split('-', StringSplitOptions.RemoveEmptyEntries));
        label = label[..Math.Min(label.Length, 63)].Trim('-');
        return label.Length > 0 ? label : null;
    }
}
