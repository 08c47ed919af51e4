using Edge.Settings;

namespace Edge.Certificates;

/// <summary>The section <c>certificates</c> of edge.yaml.</summary>
internal sealed record CertificateOptions
{
    /// <summary>Where public certificates come from; null: all come from Edge's own CA.</summary>
    public AcmeOptions? Acme { get; init; }

    /// <summary>Reads the section; null (no section) gives the defaults.</summary>
    public static CertificateOptions Read(MapReader? section)
    {
        if (section is null)
        {
            return new CertificateOptions();
        }

        var acme = section.Section("acme");
        section.Done();
        return new CertificateOptions { Acme = acme is null ? null : AcmeOptions.Read(acme) };
    }
}
