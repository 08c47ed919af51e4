namespace Edge.Acme;

/// <summary>The window in which a CA wants a certificate renewed, and the moment in it that was drawn for ours.</summary>
/// <param name="Start">The first moment.</param>
/// <param name="End">After the last one.</param>
/// <param name="Selected">Drawn once for each window, so that a restart does not draw again (RFC 9773 §4.2).</param>
/// <param name="Explanation">A page that says why, for a person.</param>
internal sealed record RenewalWindow(DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Selected, string? Explanation)
{
    /// <summary>The window as the CA says it now: the moment stays while the window does.</summary>
    /// <param name="held">What was known before.</param>
    /// <param name="info">What the CA says.</param>
    /// <param name="draw">A number from 0 to 1, drawn evenly.</param>
    public static RenewalWindow Of(RenewalWindow? held, RenewalInfo info, Func<double> draw) =>
        held is not null && held.Start == info.Start && held.End == info.End
            ? held with { Explanation = info.Explanation }
            : new RenewalWindow(info.Start, info.End, info.Start + ((info.End - info.Start) * draw()), info.Explanation);
}
