using System.Collections.Concurrent;
using System.Collections.Immutable;
using Edge.Dns.Files;
using Edge.Settings;

namespace Edge.Access.ClientCertificates;

/// <summary>The files of CAs, and of what they have revoked, that services name: read at the first request that needs them and followed from then on.</summary>
internal sealed partial class AuthorityTable(TimeProvider time, ILogger log)
{
    private readonly ConcurrentDictionary<(string File, string? Revoked), Held> _files = new();

    /// <summary>The CAs of a file; null when there are none to go by, and then nobody gets in.</summary>
    /// <param name="file">The CAs.</param>
    /// <param name="revoked">The lists of what they have revoked; null where nobody asks for any.</param>
    public ValueTask<ClientAuthorities?> OfAsync(string file, string? revoked) => _files.TryGetValue((file, revoked), out var held)
        ? ValueTask.FromResult(held.Authorities)
        : new ValueTask<ClientAuthorities?>(Task.Run(() => Take((file, revoked), null).Authorities));

    /// <summary>Reads the files that have changed; one that is wrong changes nothing.</summary>
    public void Follow()
    {
        foreach (var (files, held) in _files)
        {
            var now = Fingerprint(files) != held.Fingerprint ? Take(files, held) : held;
            if (!now.ToldOverdue && now.Authorities is { } authorities && RevocationFile.Overdue(authorities.Lists, time.GetUtcNow()) is { } overdue)
            {
                Log.Overdue(log, files.Revoked!, overdue);
                _files[files] = now with { ToldOverdue = true };
            }
        }
    }

    private static string Fingerprint((string File, string? Revoked) files) => FileFingerprint.Of(files.File) + (files.Revoked is { } revoked ? FileFingerprint.Of(revoked) : "");

    private Held Take((string File, string? Revoked) files, Held? before)
    {
        var problems = new ProblemList();
        var fingerprint = Fingerprint(files);
        var read = Read(files, problems);
        if (read is null)
        {
            Log.Refused(log, before?.Authorities is null ? "nobody gets in by it" : "what was known before stays", string.Join("\n  ", problems.All));
        }
        else
        {
            Log.Taken(log, files.File, read.Roots.Length + read.Intermediates.Length);
            foreach (var list in read.Lists)
            {
                Log.TakenList(log, files.Revoked!, list.Revoked.Count, list.Issuer.Subject, list.Due is { } due ? $"{due:yyyy-MM-dd HH:mm}Z" : "never");
            }
        }

        return _files[files] = new Held(fingerprint, read ?? before?.Authorities, ToldOverdue: false);
    }

    private static ClientAuthorities? Read((string File, string? Revoked) files, ProblemList problems)
    {
        var read = AuthorityFile.Read(files.File, problems);
        return read is null || files.Revoked is not { } revoked ? read
            : RevocationFile.Read(revoked, read, problems) is { } lists ? read with { Lists = lists } : null;
    }

    private sealed record Held(string Fingerprint, ClientAuthorities? Authorities, bool ToldOverdue);

    private static partial class Log
    {
        [LoggerMessage(5950, LogLevel.Information, "{File}: {Count} CAs for clients' certificates")]
        public static partial void Taken(ILogger log, string file, int count);

        [LoggerMessage(5951, LogLevel.Error, "What says which clients' certificates are good cannot be used; {Consequence}:\n  {Problems}")]
        public static partial void Refused(ILogger log, string consequence, string problems);

        [LoggerMessage(5952, LogLevel.Information, "{File}: {Count} certificates of {Issuer} are revoked; the next list is due {Due}")]
        public static partial void TakenList(ILogger log, string file, int count, string issuer, string due);

        [LoggerMessage(5953, LogLevel.Warning, "{File}: {Overdue}; have the CA make another one")]
        public static partial void Overdue(ILogger log, string file, string overdue);
    }
}
