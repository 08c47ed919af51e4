using System.Net;

namespace Edge.Acme;

/// <summary>What a certificate is for (RFC 8555 §9.7.7, RFC 8738 §3).</summary>
/// <param name="Type">"dns" or "ip".</param>
/// <param name="Value">A DNS name, in an order perhaps a wildcard, or an address as RFC 5952 writes it.</param>
public readonly record struct AcmeIdentifier(string Type, string Value)
{
    /// <summary>Whether it is an address.</summary>
    public bool IsAddress => Type == "ip";

    /// <summary>The identifier of a name or an address.</summary>
    public static AcmeIdentifier Of(string name) => IPAddress.TryParse(name, out var address) ? new("ip", address.ToString()) : new("dns", name);

    /// <summary>The value.</summary>
    public override string ToString() => Value;
}
