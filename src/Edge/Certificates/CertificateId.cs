namespace Edge.Certificates;

/// <summary>Which certificate: who issues it and its first name. The folder of its files is made of the two.</summary>
/// <param name="Issuer"><see cref="Internal"/>, or a CA by its directory URL as <see cref="Acme.CaName"/> makes it.</param>
/// <param name="Name">The first name, with "*" where it is a wildcard.</param>
internal sealed record CertificateId(string Issuer, string Name)
{
    /// <summary>Edge's own CA.</summary>
    public const string Internal = "internal";

    public bool IsInternal => Issuer == Internal;

    /// <summary>The name as a folder: "*.nas.example.com" is "wildcard_.nas.example.com".</summary>
    public string Folder => Name.Replace("*", "wildcard_", StringComparison.Ordinal);
}
