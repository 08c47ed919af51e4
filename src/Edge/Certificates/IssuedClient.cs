namespace Edge.Certificates;

/// <summary>A certificate that Edge's own CA made for a client.</summary>
/// <param name="Name">Who shows it: its common name.</param>
/// <param name="Serial">Its serial number in hexadecimal.</param>
/// <param name="NotAfter">Its end.</param>
/// <param name="Revoked">When it was taken back; null while it is good.</param>
internal sealed record IssuedClient(string Name, string Serial, DateTimeOffset NotAfter, DateTimeOffset? Revoked = null);
