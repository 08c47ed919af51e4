namespace Edge.Services;

/// <summary>Where a service's requests go, as users write it: http://192.168.1.10:2342.</summary>
internal static class DestinationUri
{
    /// <summary>The URI; null when it is none that a gateway could use, with the reason and a hint.</summary>
    public static Uri? Read(string text, out string message, out string? hint)
    {
        (message, hint) = ("", null);
        var uri = Parse(text, ref message, ref hint);
        return message.Length == 0 ? uri : null;
    }

    private static Uri? Parse(string text, ref string message, ref string? hint)
    {
        var isHttp = text.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttp)
        {
            message = $"\"{text}\" is not an http or https URL";
            var bare = text.Length > 0 && !text.Contains("://", StringComparison.Ordinal) && Uri.TryCreate("http://" + text, UriKind.Absolute, out _);
            hint = bare ? $"write http://{text}" : "such as http://192.168.1.10:8080";
            return null;
        }

        if (text.Any(letter => char.IsWhiteSpace(letter) || char.IsControl(letter)) || !Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            message = $"\"{text}\" is not a URL";
            hint = "such as http://192.168.1.10:8080; a port is 1 to 65535";
            return null;
        }

        if (uri.Port == 0)
        {
            message = $"\"{text}\" has port 0";
            hint = "a port is 1 to 65535";
        }
        else if (uri.UserInfo.Length > 0)
        {
            message = "has a user or password in the URL";
            hint = "leave it out: requests are passed on as they come";
        }
        else if (text.Contains('?') || text.Contains('#'))
        {
            message = $"\"{text}\" has a query or a fragment";
            hint = "only scheme, host, port and path can be given";
        }

        return uri;
    }
}
