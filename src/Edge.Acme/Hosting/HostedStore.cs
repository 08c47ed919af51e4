using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Edge.Acme.Hosting;

/// <summary>Finds what was kept for an application's names: by the CAs that are asked, by others before them, and by an earlier version.</summary>
/// <param name="files">All files.</param>
/// <param name="directories">The CAs that are asked.</param>
/// <param name="logger">Told what was not taken over.</param>
internal sealed partial class HostedStore(IAcmeFiles files, ImmutableArray<Uri> directories, ILogger logger)
{
    private readonly Uri? _heir = EarlierFiles.HeirOf(files, directories);

    /// <summary>Copies what an earlier version kept to the CA that it is for. What cannot be copied is read where it lies.</summary>
    public void TakeOver(ImmutableArray<string> names)
    {
        if (_heir is null)
        {
            return;
        }

        try
        {
            EarlierFiles.Copy(files, _heir, names);
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
        {
            Log.NotTakenOver(logger, broken.Message);
        }
    }

    /// <summary>What the CAs that are asked gave for a name.</summary>
    public ImmutableArray<HostedPair> PairsOf(string name) =>
        [.. directories.Select(directory => new HostedPair(CaName.Of(directory), name, new CaFiles(files, directory), directory == _heir ? files : null))];

    /// <summary>What others gave for it, the one that ends last; never a CA for tests. Null for nothing.</summary>
    public HostedPair? SpareOf(string name)
    {
        var others = Others().Select(issuer => (Issuer: issuer, Files: (IAcmeFiles)new CaFiles(files, issuer)));
        if (_heir is null)
        {
            others = others.Append((EarlierFiles.Whose(files) is { } whose ? CaName.Of(whose) : "", files));
        }

        return others.Where(one => !TestAuthorities.IsTest(one.Issuer)).Select(one => new HostedPair(one.Issuer, name, one.Files))
            .Where(pair => pair.Held is not null).MaxBy(pair => pair.Held!.NotAfter);
    }

    private IEnumerable<string> Others()
    {
        try
        {
            return files.Folders().Except(directories.Select(CaName.Of), StringComparer.Ordinal).ToList();
        }
        catch (IOException)
        {
            // What cannot be found is not shown.
            return [];
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4124, LogLevel.Warning, "What an earlier version kept was not copied to the folder of its CA, and is read where it lies: {Reason}")]
        public static partial void NotTakenOver(ILogger logger, string reason);
    }
}
