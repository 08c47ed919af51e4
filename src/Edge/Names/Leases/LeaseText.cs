using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Edge.Names.Leases;

/// <summary>Words of strangers, made fit for a log: short, and in characters that do nothing to a terminal.</summary>
internal static class LeaseText
{
    private const int Longest = 64;

    /// <summary>An address as servers write it: the short forms that the parser also takes ("192.168.1") are torn lines.</summary>
    public static bool TryAddress(string text, [NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address) && (address.AddressFamily == AddressFamily.InterNetworkV6 ? !text.Contains('%') : address.ToString() == text);

    public static string Shown(string text) =>
        string.Concat((text.Length > Longest ? text[..Longest] + "…" : text).Select(c => c is < ' ' or '\x7f' or (>= '\x80' and <= '\x9f') ? '?' : c));
}
