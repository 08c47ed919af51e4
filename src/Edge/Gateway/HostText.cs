using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Host names as the table keys them: lower case, no port, no trailing dot, IDN in its ASCII form.</summary>
internal static class HostText
{
    /// <summary>The longest DNS name, with its trailing dot.</summary>
    public const int Longest = 254;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <summary>The host of a Host header or :authority in the form of the table, written to <paramref name="buffer"/> without allocating.</summary>
    /// <returns>The host; empty when there is none, or none that a name could have.</returns>
    public static ReadOnlySpan<char> Normalise(HostString header, Span<char> buffer)
    {
        var host = WithoutPort(header.Value.AsSpan());
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        if (host.Length > buffer.Length)
        {
            return default;
        }

        var written = System.Text.Ascii.ToLower(host, buffer, out var length);
        return written == System.Buffers.OperationStatus.Done ? buffer[..length] : default;
    }

    /// <summary>The port in a Host header; null when it names none.</summary>
    public static int? Port(HostString header) => header.Port;

    /// <summary>A host pattern of a configuration in the form of the table: "Größe.example." gives "xn--gre-hoa6e.example". Null when IDNA has no such name.</summary>
    public static string? FromConfiguration(string host)
    {
        var text = host.TrimEnd('.').ToLowerInvariant();
        if (System.Text.Ascii.IsValid(text))
        {
            return text;
        }

        try
        {
            return text.StartsWith("*.", StringComparison.Ordinal) ? "*." + Idn.GetAscii(text[2..]) : Idn.GetAscii(text);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        if (host.StartsWith('['))
        {
            var end = host.IndexOf(']');
            return end < 0 ? default : host[..(end + 1)];
        }

        var colon = host.IndexOf(':');
        return colon < 0 ? host : host[..colon];
    }
}
