namespace Edge.Acme.Hosting;

/// <summary>A TXT record that a provider has set.</summary>
/// <param name="DomainName">Its owner.</param>
/// <param name="Text">Its text.</param>
/// <param name="State">Whatever the provider needs to find it again.</param>
public sealed record DnsTxtRecord(string DomainName, string Text, object? State = null);
