using System.Collections.Concurrent;
using Edge.Dns.Files;
using Edge.Settings;

namespace Edge.Access.ClientCertificates;

/// <summary>The files of CAs that services name, read at the first request that needs them and followed from then on.</summary>
internal sealed partial class AuthorityTable(ILogger log)
{
    private readonly ConcurrentDictionary<string, Held> _files = new(StringComparer.Ordinal);

    /// <summary>The CAs of a file; null when there are none to go by, and then nobody gets in.</summary>
    public ValueTask<ClientAuthorities?> OfAsync(string file) => _files.TryGetValue(file, out var held)
        ? ValueTask.FromResult(held.Authorities)
        : new ValueTask<ClientAuthorities?>(Task.Run(() => Take(file, null).Authorities));

    /// <summary>Reads the files that have changed; one that is wrong changes nothing.</summary>
    public void Follow()
    {
        foreach (var (file, held) in _files)
        {
            if (FileFingerprint.Of(file) != held.Fingerprint)
            {
                Take(file, held);
            }
        }
    }

    private Held Take(string file, Held? before)
    {
        var problems = new ProblemList();
        var fingerprint = FileFingerprint.Of(file);
        var read = AuthorityFile.Read(file, problems);
        if (read is null)
        {
            Log.Refused(log, before?.Authorities is null ? "nobody gets in by it" : "those known before stay", string.Join("\n  ", problems.All));
        }
        else
        {
            Log.Taken(log, file, read.Roots.Length + read.Intermediates.Length);
        }

        return _files[file] = new Held(fingerprint, read ?? before?.Authorities);
    }

    private sealed record Held(string Fingerprint, ClientAuthorities? Authorities);

    private static partial class Log
    {
        [LoggerMessage(5950, LogLevel.Information, "{File}: {Count} CAs for clients' certificates")]
        public static partial void Taken(ILogger log, string file, int count);

        [LoggerMessage(5951, LogLevel.Error, "A file of CAs for clients' certificates cannot be used; {Consequence}:\n  {Problems}")]
        public static partial void Refused(ILogger log, string consequence, string problems);
    }
}
