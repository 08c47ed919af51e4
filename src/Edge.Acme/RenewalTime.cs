namespace Edge.Acme;

/// <summary>When a certificate is to be replaced.</summary>
internal static class RenewalTime
{
    private static readonly TimeSpan Short = TimeSpan.FromDays(10);
    private static readonly TimeSpan Least = TimeSpan.FromMinutes(1);

    /// <summary>When a third of its life is left, or half of it where that life is shorter than ten days: enough for several attempts in either case.</summary>
    public static DateTimeOffset Of(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var lifetime = notAfter - notBefore;
        return notAfter - (lifetime < Short ? lifetime / 2 : lifetime / 3);
    }

    /// <summary>
    /// The same where the CA has said when it wants to be asked (RFC 9773 §4.2): its moment counts, and the share of the life
    /// is the backstop behind it, unless the CA's window holds that very point.
    /// </summary>
    public static DateTimeOffset Of(DateTimeOffset notBefore, DateTimeOffset notAfter, RenewalWindow? window)
    {
        var usual = Of(notBefore, notAfter);
        return window is null ? usual
            : usual >= window.Start && usual < window.End ? window.Selected
            : window.Selected < usual ? window.Selected : usual;
    }

    /// <summary>
    /// The wait after a failure, cut so that at least three more chances fit before the end; in the last twentieth of the
    /// life a tenth of what is left.
    /// </summary>
    /// <param name="wait">What the ladder says.</param>
    /// <param name="notBefore">Of the certificate that still serves.</param>
    /// <param name="notAfter">Its end.</param>
    /// <param name="now">The moment.</param>
    public static TimeSpan Cut(TimeSpan wait, DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now)
    {
        var left = notAfter - now;
        if (left <= TimeSpan.Zero)
        {
            return wait;
        }

        var most = (notAfter - Of(notBefore, notAfter)) / 4;
        if (IsEmergency(notBefore, notAfter, now))
        {
            most = left / 10 > Least ? left / 10 : Least;
        }

        return wait < most ? wait : most;
    }

    /// <summary>Whether less than a twentieth of the life is left.</summary>
    public static bool IsEmergency(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now) => notAfter - now < (notAfter - notBefore) / 20;
}
