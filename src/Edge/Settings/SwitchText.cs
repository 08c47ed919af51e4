namespace Edge.Settings;

/// <summary>A choice of two as people write it: true and false, or on and off.</summary>
internal static class SwitchText
{
    /// <summary>Null when it is neither.</summary>
    public static bool? Parse(string? text) => text?.ToLowerInvariant() switch
    {
        "true" or "on" => true,
        "false" or "off" => false,
        _ => null,
    };
}
