namespace Edge.Gateway;

/// <summary>A route that gets no request of a host, because another one takes all that it asks for.</summary>
/// <param name="Host">The host that both ask for.</param>
/// <param name="Lost">The route that gets nothing.</param>
/// <param name="Winner">The route that stands before it.</param>
internal sealed record Overshadowed(HostPattern Host, RouteCandidate Lost, RouteCandidate Winner)
{
    /// <summary>Which of the two wins, and why, at the place of the one that does not.</summary>
    public Settings.Problem Problem => new(
        Lost.Entry.Where,
        0,
        Field(Lost.Entry),
        Lost.Entry.Matcher.Text == Winner.Entry.Matcher.Text
            ? $"asks for the same requests of {Host} as {Name(Winner.Entry)} ({Winner.Entry.Where}), which gets them: {Reason}"
            : $"gets no requests of {Host}: {Name(Winner.Entry)} ({Winner.Entry.Where}) takes all of them before, as {Reason}",
        $"take one out, let it ask for something else, or give it {(Lost.Entry.IsService ? "a priority" : "an Order")} that puts it before the other");

    private string Reason => (Winner.Place.Kind, Lost.Place.Kind) switch
    {
        _ when Winner.Order != Lost.Order => Winner.Entry.IsService
            ? FormattableString.Invariant($"its priority is {-Winner.Order}")
            : FormattableString.Invariant($"its Order is {Winner.Order}"),
        (RouteKind.File, RouteKind.Registration) => "files come before registrations",
        (RouteKind.Service, RouteKind.File) => "services come before routes in YARP's form",
        _ => "it stands earlier",
    };

    private static string Field(RouteEntry entry) => entry.IsService ? $"services.{entry.Id["service:".Length..]}" : $"Routes.{entry.Id}";

    private static string Name(RouteEntry entry) => entry.IsService ? $"the service {entry.Service}" : $"the route {entry.Id}";
}
