using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>Says of a certificate that it comes near its end, by the share of its life that is left: once for each share.</summary>
/// <param name="manager">Knows the certificates.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears it.</param>
internal sealed partial class ExpiryWatch(CertificateManager manager, TimeProvider time, ILogger logger)
{
    private readonly Dictionary<string, int> _said = [];

    public void Look()
    {
        var now = time.GetUtcNow();
        foreach (var status in manager.Status())
        {
            if (status is { NotBefore: { } from, NotAfter: { } until } && status.Issuer != CertificateId.Internal)
            {
                Look(status, Level(from, until, now), now);
            }
        }
    }

    /// <summary>0: well; 1: less than a fifth is left, so that renewal must have failed for long; 2: less than a twentieth; 3: over.</summary>
    public static int Level(DateTimeOffset from, DateTimeOffset until, DateTimeOffset now)
    {
        var (life, left) = (until - from, until - now);
        return left <= TimeSpan.Zero ? 3 : left < life / 20 ? 2 : left < life / 5 ? 1 : 0;
    }

    private void Look(CertificateStatus status, int level, DateTimeOffset now)
    {
        var before = _said.GetValueOrDefault(status.Path);
        _said[status.Path] = level;
        if (level <= before)
        {
            return;
        }

        var names = string.Join(", ", status.Names);
        var reason = status.Reason ?? "no attempt failed";
        if (level == 3)
        {
            Log.Over(logger, names, status.Issuer, status.NotAfter, reason);
        }
        else if (level == 2)
        {
            Log.AlmostOver(logger, names, status.Issuer, status.NotAfter - now, reason);
        }
        else
        {
            Log.NearEnd(logger, names, status.Issuer, status.NotAfter - now, reason);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4115, LogLevel.Warning, "Certificate for {Names} from {Issuer} ends in {Left}: less than a fifth of its life ({Reason})")]
        public static partial void NearEnd(ILogger logger, string names, string issuer, TimeSpan? left, string reason);

        [LoggerMessage(4116, LogLevel.Error, "Certificate for {Names} from {Issuer} ends in {Left}: less than a twentieth of its life ({Reason})")]
        public static partial void AlmostOver(ILogger logger, string names, string issuer, TimeSpan? left, string reason);

        [LoggerMessage(4117, LogLevel.Error, "Certificate for {Names} from {Issuer} ended at {NotAfter:u} ({Reason})")]
        public static partial void Over(ILogger logger, string names, string issuer, DateTimeOffset? notAfter, string reason);
    }
}
