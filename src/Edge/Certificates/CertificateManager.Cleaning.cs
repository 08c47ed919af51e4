using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>Certificates that served their time.</summary>
internal sealed partial class CertificateManager
{
    // As long as one that ended is told of, and a host of its name finds how it went.
    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromDays(30);

    /// <summary>Removes the files of certificates that nobody wants any more and that ended a month ago: those that Edge obtained or made itself, and nothing else.</summary>
    public void Clean()
    {
        var before = time.GetUtcNow() - KeptAfterEnd;
        lock (_gate)
        {
            var wanted = _plan.Certificates.SelectMany(Ids).ToHashSet();
            foreach (var old in _all.Values.Where(stored => !wanted.Contains(stored.Id) && !_working.Contains(stored.Id) && IsOver(stored, before)).ToList())
            {
                Remove(old);
            }
        }
    }

    private bool IsOver(StoredCertificate stored, DateTimeOffset before) => stored.Certificate is { } certificate
        ? certificate.NotAfter < before && IsOurs(stored, certificate)
        : stored.State.LastTry < before && !File.Exists(files.ChainPath(stored.Id));

    // A pair that somebody laid there is his. States of earlier versions say it by the time at which the certificate was to be replaced.
    private bool IsOurs(StoredCertificate stored, ServedCertificate certificate) => stored.Id.IsInternal
        ? authority.Issued(certificate.Leaf) || certificate.Leaf.Issuer.StartsWith(CertificateAuthority.RootName, StringComparison.Ordinal)
        : stored.State.Serial is { } serial ? serial == certificate.Leaf.SerialNumber : stored.State.Issued.Any(one => one.Until == certificate.RenewAt);

    private void Remove(StoredCertificate old)
    {
        try
        {
            files.Remove(old.Id);
            _all.Remove(old.Id);
            Log.Removed(logger, files.ChainPath(old.Id), old.Certificate?.NotAfter);
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            Log.NotRemoved(logger, files.ChainPath(old.Id), failed.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4148, LogLevel.Information, "{Path} was removed: no service wants the certificate, and it ended at {NotAfter:u}")]
        public static partial void Removed(ILogger logger, string path, DateTimeOffset? notAfter);

        [LoggerMessage(4149, LogLevel.Warning, "{Path}, which no service wants, was not removed: {Reason}")]
        public static partial void NotRemoved(ILogger logger, string path, string reason);
    }
}
