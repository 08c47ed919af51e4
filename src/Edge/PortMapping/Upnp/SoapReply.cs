using System.Globalization;

namespace Edge.PortMapping.Upnp;

/// <summary>What a service of the router answered to a call.</summary>
/// <param name="text">The answer; null when there was none.</param>
internal sealed class SoapReply(string? text)
{
    // WANIPConnection:1, section 2.4.16, and what :2 adds.
    public const int InvalidAction = 401;
    public const int InvalidArguments = 402;
    public const int NotAuthorized = 606;
    public const int NoSuchEntry = 714;
    public const int Conflict = 718;
    public const int OnlyPermanentLeases = 725;
    public const int ConflictWithOther = 729;

    private readonly List<(string Path, string Name, string Text)>? _elements = text is null ? null : RouterXml.Read(text);

    /// <summary>Whether there is an answer that can be read.</summary>
    public bool HasAnswered => _elements is { Count: > 0 };

    /// <summary>The number of the error; null for none.</summary>
    public int? Error => Of("errorCode") is { } number && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? code
        : _elements?.Exists(element => element.Name == "Fault") is true ? InvalidAction
        : null;

    /// <summary>Whether it did what it was told.</summary>
    public bool IsDone => HasAnswered && Error is null;

    /// <summary>What the router says of the error.</summary>
    public string Said => $"{Of("errorDescription") ?? "an error"} ({Error})";

    /// <summary>The value of an argument; null when it is not there.</summary>
    public string? Of(string argument) => _elements?.Find(element => element.Name == argument && element.Text.Length > 0) is { Text: { Length: > 0 } found } ? found : null;
}
