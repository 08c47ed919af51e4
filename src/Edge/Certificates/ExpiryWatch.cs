using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// Says of a certificate that it comes near its end, by the share of its life that is left: once for each share. Of our own root a year
/// before, so that there is time to give the next one to every device.
/// </summary>
/// <param name="manager">Knows the certificates.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Hears it.</param>
internal sealed partial class ExpiryWatch(CertificateManager manager, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan Year = TimeSpan.FromDays(365);
    private static readonly TimeSpan Month = TimeSpan.FromDays(30);

    private readonly Dictionary<string, int> _said = [];
    private int _saidOfRoot;

    public void Look()
    {
        var now = time.GetUtcNow();
        LookAtRoot(now);
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

    /// <summary>Whether the root's end is so near that the next one should be given out.</summary>
    public static bool IsRootNearEnd(DateTimeOffset end, DateTimeOffset now) => end - now < Year;

    private void LookAtRoot(DateTimeOffset now)
    {
        var left = manager.RootEnd - now;
        var level = left <= TimeSpan.Zero ? 3 : left < Month ? 2 : IsRootNearEnd(manager.RootEnd, now) ? 1 : 0;
        if (level > _saidOfRoot)
        {
            (level == 1 ? (Action<ILogger, DateTimeOffset>)Log.RootNearEnd : Log.RootAlmostOver)(logger, manager.RootEnd);
        }

        _saidOfRoot = level;
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
        [LoggerMessage(4144, LogLevel.Warning, "The root of Edge's own CA ends at {End:u}: in less than a year. Move ca/root.crt and ca/root.key of the data folder away and start Edge for a new one, and give it to the devices that trust this one")]
        public static partial void RootNearEnd(ILogger logger, DateTimeOffset end);

        [LoggerMessage(4145, LogLevel.Error, "The root of Edge's own CA ends at {End:u}, and with it every certificate of it. Move ca/root.crt and ca/root.key of the data folder away and start Edge for a new one")]
        public static partial void RootAlmostOver(ILogger logger, DateTimeOffset end);

        [LoggerMessage(4115, LogLevel.Warning, "Certificate for {Names} from {Issuer} ends in {Left}: less than a fifth of its life ({Reason})")]
        public static partial void NearEnd(ILogger logger, string names, string issuer, TimeSpan? left, string reason);

        [LoggerMessage(4116, LogLevel.Error, "Certificate for {Names} from {Issuer} ends in {Left}: less than a twentieth of its life ({Reason})")]
        public static partial void AlmostOver(ILogger logger, string names, string issuer, TimeSpan? left, string reason);

        [LoggerMessage(4117, LogLevel.Error, "Certificate for {Names} from {Issuer} ended at {NotAfter:u} ({Reason})")]
        public static partial void Over(ILogger logger, string names, string issuer, DateTimeOffset? notAfter, string reason);
    }
}
