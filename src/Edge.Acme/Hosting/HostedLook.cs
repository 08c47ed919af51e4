namespace Edge.Acme.Hosting;

/// <summary>Asks a CA when it wants a certificate renewed (RFC 9773). What it does not say, or not in time, changes nothing: the share of the life decides.</summary>
internal static class HostedLook
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan AfterSilence = TimeSpan.FromHours(1);

    public static async Task AskAsync(AcmeIssuer issuer, HostedCertificate certificate, HeldCertificate held, TimeProvider time, CancellationToken cancel)
    {
        using var patience = new CancellationTokenSource(Patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancel);
        RenewalInfo? info = null;
        var wait = AfterSilence;
        try
        {
            info = await issuer.GetRenewalInfoAsync(held.Leaf, either.Token).ConfigureAwait(false);
            wait = info?.RetryAfter ?? RenewalInfo.Latest;
        }
        catch (Exception silent) when (!cancel.IsCancellationRequested)
        {
            wait = silent is AcmeException { RetryAfter: { } asked } && asked > wait ? asked : wait;
        }

        certificate.Looked(info, time.GetUtcNow() + (wait < RenewalInfo.Latest ? wait : RenewalInfo.Latest), Random.Shared.NextDouble);
    }
}
