namespace Edge.Acme;

/// <summary>How long to wait for a CA to make up its mind.</summary>
/// <param name="First">The first pause between two looks; each further one is twice as long, to 8 times.</param>
/// <param name="Validation">Until every challenge is decided.</param>
/// <param name="Issuance">Until the certificate is made.</param>
internal sealed record AcmePatience(TimeSpan First, TimeSpan Validation, TimeSpan Issuance)
{
    public static readonly AcmePatience Usual = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(3), TimeSpan.FromMinutes(5));
}
