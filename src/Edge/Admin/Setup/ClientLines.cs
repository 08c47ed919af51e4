using System.Net.Sockets;
using System.Text;

namespace Edge.Admin.Setup;

/// <summary>What people put into single clients.</summary>
internal static class ClientLines
{
    public static SetupPart Resolved(ResolverFacts facts)
    {
        var text = facts.Tls is { } tls
            ? $"""
              [Resolve]
              DNS={string.Join(' ', facts.Addresses.Select(address => $"{(tls.Port == tls.UsualPort ? $"{address}" : address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{address}]:{tls.Port}" : $"{address}:{tls.Port}")}#{facts.Name}"))}
              DNSOverTLS=yes
              Domains=~.

              """
            : "# needs DNS over TLS, which is not served\n";
        return new SetupPart("resolved", "systemd-resolved: /etc/systemd/resolved.conf.d/edge.conf", text);
    }

    public static SetupPart Android(ResolverFacts facts) => new(
        "android",
        "Android: Settings, Network, Private DNS, \"Private DNS provider hostname\"",
        facts.Tls is { } tls && tls.Port == tls.UsualPort ? $"{facts.Name}\n" : "# needs DNS over TLS at port 853, which is not served\n");

    public static SetupPart Apple(ResolverFacts facts) => new(
        "apple", "iPhone, iPad, Mac: a profile", AppleProfile.CanBeMade(facts) ? "edge resolver setup --apple > edge.mobileconfig\n" : "# needs DNS over HTTPS, or DNS over TLS at port 853, which are not served\n");

    public static SetupPart Windows(ResolverFacts facts)
    {
        var text = new StringBuilder();
        foreach (var address in facts.Url is null ? [] : facts.Addresses)
        {
            text.AppendLine($"netsh dns add encryption server={address} dohtemplate={facts.Url} autoupgrade=yes udpfallback=no");
            text.AppendLine($"Add-DnsClientDohServerAddress -ServerAddress {address} -DohTemplate {facts.Url} -AutoUpgrade $True -AllowFallbackToUdp $False");
        }

        return new SetupPart("windows", "Windows 11: as administrator, in cmd or in PowerShell", facts.Url is null ? "# needs DNS over HTTPS, which is not served\n" : text.ToString());
    }

    public static SetupPart Firefox(ResolverFacts facts) => new("firefox", "Firefox: policies.json", facts.Url is null ? "// needs DNS over HTTPS, which is not served\n" :
        $$"""
        { "policies": { {{(facts.Root is null ? "" : "\"Certificates\": { \"ImportEnterpriseRoots\": true }, ")}}"DNSOverHTTPS": { "Enabled": true, "ProviderURL": "{{facts.Url}}", "Locked": false } } }

        """);

    public static SetupPart Chromium(ResolverFacts facts) => new("chromium", "Chromium, Chrome, Edge: a policy (/etc/chromium/policies/managed/edge.json)", facts.Url is null ? "// needs DNS over HTTPS, which is not served\n" :
        $$"""
        { "DnsOverHttpsMode": "secure", "DnsOverHttpsTemplates": "{{facts.Url}}{?dns}" }

        """);
}
