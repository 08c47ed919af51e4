using System.Text;

namespace Edge.Gateway.Front;

/// <summary>The texts of a connection's last request, which the next one mostly repeats: the strings made of them are used again.</summary>
internal sealed class FrontTexts
{
    private byte[] _host = [];
    private int _hostLength;
    private string _target = "";
    private string _userAgent = "";
    private string _referer = "";

    /// <summary>The Host header.</summary>
    public string Host { get; private set; } = "";

    /// <summary>Whether the next one asks for the same. The bytes are kept: of many hosts the string is far away.</summary>
    public bool IsHost(ReadOnlySpan<byte> host) => host.SequenceEqual(_host.AsSpan(0, _hostLength));

    /// <summary>Takes the next one.</summary>
    /// <param name="host">The header.</param>
    /// <param name="text">The same, where there is a string of it already: of many hosts each would be made anew.</param>
    public void Take(ReadOnlySpan<byte> host, string? text)
    {
        Host = text ?? Same(Host, host);
        if (host.Length > _host.Length)
        {
            _host = new byte[host.Length];
        }

        host.CopyTo(_host);
        _hostLength = host.Length;
    }

    /// <summary>Path and query; null when they may not go on as they are.</summary>
    public string? TargetOf(ReadOnlySpan<byte> target)
    {
        if (Ascii.Equals(target, _target))
        {
            return _target;
        }

        // The server takes no path with a zero in it.
        var text = Encoding.ASCII.GetString(target);
        return RawTarget.MayGoOn(text) && !text.Contains("%00", StringComparison.Ordinal) ? _target = text : null;
    }

    /// <summary>Null when it says none.</summary>
    public string? UserAgentOf(in FrontHead head) => head.Value(FieldKind.UserAgent) is { IsEmpty: false } text ? _userAgent = Same(_userAgent, text) : null;

    /// <summary>Null when it says none.</summary>
    public string? RefererOf(in FrontHead head) => head.Value(FieldKind.Referer) is { IsEmpty: false } text ? _referer = Same(_referer, text) : null;

    private static string Same(string last, ReadOnlySpan<byte> text) => Ascii.Equals(text, last) ? last : Encoding.ASCII.GetString(text);
}
