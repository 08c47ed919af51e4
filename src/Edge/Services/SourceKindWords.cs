namespace Edge.Services;

/// <summary>What the kinds of sources are called in reports.</summary>
internal static class SourceKindWords
{
    public static string Word(this SourceKind kind) => kind switch
    {
        SourceKind.File => "file",
        SourceKind.Api => "api",
        SourceKind.Docker => "docker",
        SourceKind.Mdns => "mdns",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
