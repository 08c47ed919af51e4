using System.Globalization;
using System.Net;

namespace Edge.Services;

/// <summary>Host names as users give them for services (RFC 952 as relaxed by RFC 1123, section 2.1; wildcards of RFC 4592).</summary>
internal static class HostName
{
    /// <summary>The host in lower case without a trailing dot; null when it is none, with the reason and a hint.</summary>
    public static string? Read(string text, out string message, out string? hint)
    {
        (message, hint) = ("", null);
        var host = text.EndsWith('.') ? text[..^1] : text;
        message = Wrong(host, ref hint) ?? "";
        return message.Length == 0 ? host.ToLowerInvariant() : null;
    }

    /// <summary>True for one label of letters, digits and hyphens, neither first nor last a hyphen, 63 at most.</summary>
    public static bool IsLabel(ReadOnlySpan<char> label)
    {
        if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
        {
            return false;
        }

        foreach (var letter in label)
        {
            if (!char.IsAsciiLetterOrDigit(letter) && letter != '-')
            {
                return false;
            }
        }

        return true;
    }

    private static string? Wrong(string host, ref string? hint)
    {
        if (host.Length == 0)
        {
            return "is empty; a host name is needed";
        }

        if (!System.Text.Ascii.IsValid(host))
        {
            hint = InAscii(host) is { } ascii ? $"write it as {ascii}" : "write it in its xn-- form";
            return $"\"{host}\" has letters outside ASCII";
        }

        if (host.Contains("://", StringComparison.Ordinal) || host.Contains('/') || host.LastIndexOf(':') is var colon && colon > 0 && host.IndexOf(':') == colon)
        {
            hint = "leave out http://, the port and the path";
            return $"\"{host}\" is more than a host name";
        }

        if (IPAddress.TryParse(host, out _))
        {
            hint = "an address belongs into to";
            return $"\"{host}\" is an address; a host name is needed";
        }

        var labels = host.Split('.');
        for (var i = labels[0] == "*" && labels.Length > 1 ? 1 : 0; i < labels.Length; i++)
        {
            if (!IsLabel(labels[i]))
            {
                hint = labels[i].Contains('*') ? "a * can only be the whole first label: *.example.com" : "labels are letters, digits and hyphens, 63 at most, with dots between them";
                return labels[i].Length == 0 ? $"\"{host}\" has an empty label" : $"\"{host}\" is not a host name: \"{labels[i]}\" is not a label";
            }
        }

        // RFC 1123, section 2.1: the last label is alphabetic at least in part, so that no name looks like an address.
        if (labels[^1].All(char.IsAsciiDigit))
        {
            return $"\"{host}\" is not a host name: the last label is a number";
        }

        return host.Length > 253 ? "is longer than 253 characters" : null;
    }

    private static string? InAscii(string host)
    {
        try
        {
            return new IdnMapping { UseStd3AsciiRules = true }.GetAscii(host).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
