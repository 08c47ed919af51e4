using System.Buffers;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Host names as the table keys them: lower case, no port, no trailing dot, IDN in its ASCII form.</summary>
internal static class HostText
{
    /// <summary>The longest DNS name, with its trailing dot.</summary>
    public const int Longest = 254;

    private static readonly IdnMapping Idn = new() { AllowUnassigned = true, UseStd3AsciiRules = false };

    /// <summary>The Host header or :authority as the client sent it. <see cref="HttpRequest.Host"/> turns the ASCII form of IDN into Unicode.</summary>
    public static string Of(HttpRequest request) => request.Headers.Host.ToString();

    /// <summary>The host of a header in the form of the table, written to <paramref name="buffer"/> without allocating.</summary>
    /// <returns>The host; empty when there is none, or none that a name could have.</returns>
    public static ReadOnlySpan<char> Normalise(ReadOnlySpan<char> header, Span<char> buffer)
    {
        var host = header[..Length(header)];
        if (host.EndsWith('.'))
        {
            host = host[..^1];
        }

        if (host.Length > buffer.Length)
        {
            return default;
        }

        var status = Ascii.ToLower(host, buffer, out var length);
        return status == OperationStatus.Done ? buffer[..length] : default;
    }

    /// <summary>The same as a text of its own.</summary>
    public static string Normal(string header)
    {
        Span<char> buffer = stackalloc char[Longest];
        return Normalise(header, buffer).ToString();
    }

    /// <summary>Whether a header and a name in a ClientHello are the same host.</summary>
    public static bool IsHost(ReadOnlySpan<char> header, ReadOnlySpan<char> serverName)
    {
        Span<char> one = stackalloc char[Longest];
        Span<char> other = stackalloc char[Longest];
        return Normalise(serverName, other) is { IsEmpty: false } name && Normalise(header, one).SequenceEqual(name);
    }

    /// <summary>The port in a Host header; null when it names none.</summary>
    public static int? Port(ReadOnlySpan<char> header)
    {
        var end = Length(header);
        return end < header.Length && ushort.TryParse(header[(end + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;
    }

    /// <summary>A host pattern of a configuration in the form of the table: "Größe.example." gives "xn--gre-hoa6e.example". Null when IDNA has no such name.</summary>
    public static string? FromConfiguration(string host)
    {
        var text = host.TrimEnd('.').ToLowerInvariant();
        if (Ascii.IsValid(text))
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

    // Where the name ends and the port may begin; the colons of an IPv6 address stand in brackets.
    private static int Length(ReadOnlySpan<char> header)
    {
        var start = header.StartsWith('[') ? Math.Max(header.IndexOf(']'), 0) : 0;
        var colon = header[start..].IndexOf(':');
        return colon < 0 ? header.Length : start + colon;
    }
}
