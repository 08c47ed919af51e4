namespace Edge.Dns.Resolver.Validation;

/// <summary>
/// The validity of a signature against our clock. Clocks are wrong by a little: as Unbound does, a tenth of the validity
/// is forgiven at either end, one hour at least and one day at most.
/// </summary>
internal static class SignatureTime
{
    private const int LeastSkew = 3600;
    private const int MostSkew = 86400;

    /// <summary>Whether a signature is valid now, and for how long still; negative is before, positive behind.</summary>
    public static int Place(SignatureRecord signature, DateTimeOffset now, out TimeSpan left)
    {
        // RFC 4034 §3.1.5: the times are serial numbers, which wrap.
        var clock = (uint)now.ToUnixTimeSeconds();
        var validity = (int)(signature.Expiration - signature.Inception);
        var skew = Math.Clamp(validity / 10, LeastSkew, MostSkew);
        left = TimeSpan.FromSeconds((int)(signature.Expiration - clock));
        if (validity < 0)
        {
            return 1;
        }

        if (left < TimeSpan.Zero)
        {
            left += TimeSpan.FromSeconds(skew);
            return left < TimeSpan.Zero ? 1 : 0;
        }

        return (int)(signature.Inception - clock) > skew ? -1 : 0;
    }
}
