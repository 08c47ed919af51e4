namespace Edge.Services.Routing;

/// <summary>The path a route asks for.</summary>
/// <param name="Kind">How it is compared.</param>
/// <param name="Text">"/favicon.ico"; for a prefix "/api", without what stands for the rest; or the expression.</param>
internal sealed record PathPattern(PathKind Kind, string Text)
{
    public override string ToString() => Kind switch
    {
        PathKind.Prefix => Text + "/*",
        PathKind.Regex => "~" + Text,
        _ => Text,
    };
}
