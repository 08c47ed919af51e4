namespace Edge.Services;

/// <summary>A service of a neighbour by the name that he announces it under: where it is, he says as well, and may say otherwise later.</summary>
/// <param name="Instance">What it is called.</param>
/// <param name="Type">Its type: "_http._tcp"; null for either of the web.</param>
internal sealed record AnnouncedService(string Instance, string? Type)
{
    /// <summary>Stands for wherever it is.</summary>
    public static readonly Uri Somewhere = new("http://announced.invalid/");

    private static readonly string[] Web = ["_http._tcp", "_https._tcp"];

    /// <summary>The types under which it may be announced, the preferred first.</summary>
    public IReadOnlyList<string> Types => Type is null ? Web : [Type];

    public override string ToString() => Type is null ? Instance : $"{Instance} ({Type})";
}
