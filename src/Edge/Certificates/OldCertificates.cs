namespace Edge.Certificates;

/// <summary>Clears away once a day what nobody wants any more; not at once after a start, when not all that is wanted is known.</summary>
internal sealed class OldCertificates(CertificateManager manager, TimeProvider time)
{
    private static readonly TimeSpan AfterStart = TimeSpan.FromHours(1);
    private static readonly TimeSpan Each = TimeSpan.FromDays(1);

    private DateTimeOffset _next = time.GetUtcNow() + AfterStart;

    public void Look()
    {
        // A next look that is more than a day away was planned by a clock that has been set back since.
        var now = time.GetUtcNow();
        if (now < _next && _next - now <= Each)
        {
            return;
        }

        _next = now + Each;
        manager.Clean();
    }
}
