namespace Edge.Certificates;

/// <summary>When a certificate is to be replaced.</summary>
internal static class RenewalTime
{
    private static readonly TimeSpan Short = TimeSpan.FromDays(10);

    /// <summary>When a third of its life is left, or half of it where that life is shorter than ten days: enough for several attempts in either case.</summary>
    public static DateTimeOffset Of(DateTimeOffset notBefore, DateTimeOffset notAfter)
    {
        var lifetime = notAfter - notBefore;
        return notAfter - (lifetime < Short ? lifetime / 2 : lifetime / 3);
    }
}
