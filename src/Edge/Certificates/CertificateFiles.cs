using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Acme;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Certificates;

/// <summary>
/// The certificates on disk: <c>certificates/ISSUER/NAME/NAME.crt</c> (full chain), <c>.key</c>, <c>.json</c> (how
/// renewing goes). Everything 0600 in folders of 0700.
/// </summary>
/// <param name="data">Edge's data folder.</param>
/// <param name="logger">Hears about files that cannot be used.</param>
internal sealed partial class CertificateFiles(string data, ILogger logger)
{
    // Account, order, key, chain and state, each in blocks of its own and beside what it replaces. It is written, and not only asked for: a
    // quota shows in no number, and neither does a disk that has become read-only.
    private const int MostAnOrderWrites = 64 * 1024;

    private readonly string _root = Path.Combine(data, "certificates");

    /// <summary>The file that holds the chain; its neighbours differ in the ending.</summary>
    public string ChainPath(CertificateId id) => Path.Combine(_root, id.Issuer, id.Folder, id.Folder + ".crt");

    /// <summary>Reads everything that is there. A file that cannot be used is reported with its path and counts as absent.</summary>
    public ImmutableArray<StoredCertificate> Load()
    {
        if (!Directory.Exists(_root))
        {
            return [];
        }

        var found = ImmutableArray.CreateBuilder<StoredCertificate>();
        foreach (var issuer in Directory.EnumerateDirectories(_root).Order(StringComparer.Ordinal))
        {
            foreach (var folder in Directory.EnumerateDirectories(issuer).Order(StringComparer.Ordinal))
            {
                var name = Path.GetFileName(folder).Replace("wildcard_", "*", StringComparison.Ordinal);
                try
                {
                    found.Add(LoadOne(new CertificateId(Path.GetFileName(issuer), name)));
                }
                catch (Exception broken) when (broken is IOException or UnauthorizedAccessException)
                {
                    Log.Broken(logger, folder, broken.Message);
                }
            }
        }

        return found.ToImmutable();
    }

    /// <summary>Writes chain and key so that a crash leaves the old pair or the new one, then the state.</summary>
    /// <param name="certificate">With its names and state; its chain and key are <paramref name="issued"/>.</param>
    /// <param name="issued">What to write.</param>
    /// <exception cref="IOException">The old pair is still there.</exception>
    public void Save(StoredCertificate certificate, IssuedCertificate issued)
    {
        // Edge's own certificates are made again at once when lost: no wait for the disk.
        var flush = !certificate.Id.IsInternal;
        var chain = ChainPath(certificate.Id);
        var key = Path.ChangeExtension(chain, ".key");
        DurableFile.MakeFolder(Path.GetDirectoryName(chain)!);
        DurableFile.TryDelete(DurableFile.StagePath(chain));
        DurableFile.Stage(key, issued.KeyPem, flush);
        DurableFile.Stage(chain, issued.ChainPem, flush);
        DurableFile.Commit(key, flush);
        DurableFile.Commit(chain, flush);
        SaveState(certificate);
    }

    /// <summary>Writes how obtaining goes.</summary>
    /// <exception cref="IOException">Nothing was changed.</exception>
    public void SaveState(StoredCertificate certificate)
    {
        var path = Path.ChangeExtension(ChainPath(certificate.Id), ".json");
        DurableFile.MakeFolder(Path.GetDirectoryName(path)!);
        var json = Json.Write(
            writer =>
            {
                Json.WriteTexts(writer, "names", certificate.Names);
                RenewalStateJson.Write(writer, certificate.State);
            },
            indented: true);
        DurableFile.Write(path, Encoding.UTF8.GetString(json) + "\n", flush: !certificate.Id.IsInternal);
    }

    /// <summary>Whether the disk takes what an order writes; asked before it, so that a full disk does not use up the CA's limits.</summary>
    /// <param name="id">What is to be ordered.</param>
    /// <exception cref="IOException">It does not.</exception>
    public void Probe(CertificateId id)
    {
        DurableFile.MakeFolder(_root);
        // One name for each, so that a crash leaves no more than one behind.
        var path = Path.Combine(_root, $".probe-{id.Issuer}-{id.Folder}");
        DurableFile.Stage(path, new string('x', MostAnOrderWrites), flush: true);
        DurableFile.TryDelete(DurableFile.StagePath(path));
    }

    /// <summary>Puts a revoked certificate and its key where nothing looks for them.</summary>
    /// <exception cref="IOException">They are where they were.</exception>
    public void SetAside(CertificateId id)
    {
        var chain = ChainPath(id);
        var key = Path.ChangeExtension(chain, ".key");
        foreach (var (path, aside) in new[] { (chain, chain + ".revoked"), (key, key + ".compromised") })
        {
            if (File.Exists(path))
            {
                File.Move(path, aside, overwrite: true);
            }
        }

        if (Path.GetDirectoryName(chain) is { } folder && Directory.Exists(folder))
        {
            DurableFile.FlushFolder(folder);
        }
    }

    /// <summary>Removes a certificate, with what was put aside of it; what else lies in the folder stays, and the folder with it.</summary>
    /// <exception cref="IOException">Not all of it is gone.</exception>
    public void Remove(CertificateId id)
    {
        var chain = ChainPath(id);
        var (key, folder) = (Path.ChangeExtension(chain, ".key"), Path.GetDirectoryName(chain)!);
        if (!Directory.Exists(folder))
        {
            return;
        }

        // The state last: it is what says that the rest is ours.
        foreach (var path in (string[])[chain, key, chain + ".revoked", key + ".compromised", Path.ChangeExtension(chain, ".json")])
        {
            File.Delete(path);
        }

        if (!Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    private StoredCertificate LoadOne(CertificateId id)
    {
        var chain = ChainPath(id);
        FinishSave(chain);
        var (names, state) = LoadState(Path.ChangeExtension(chain, ".json"));
        ServedCertificate? certificate = null;
        if (File.Exists(chain))
        {
            try
            {
                certificate = ServedCertificate.Create(id, chain, new IssuedCertificate(File.ReadAllText(chain), File.ReadAllText(Path.ChangeExtension(chain, ".key"))), state.Obtained);
            }
            catch (Exception broken) when (broken is CryptographicException or IOException or UnauthorizedAccessException)
            {
                Log.Broken(logger, chain, broken.Message);
            }
        }

        return new StoredCertificate(id, names.IsEmpty && certificate is not null ? certificate.Names : names, certificate, state);
    }

    // The key takes its place first. A staged chain without a staged key is therefore complete, and a crash came
    // between the two renames; with a staged key beside it nothing had taken its place yet.
    private static void FinishSave(string chain)
    {
        var key = Path.ChangeExtension(chain, ".key");
        if (File.Exists(DurableFile.StagePath(chain)) && !File.Exists(DurableFile.StagePath(key)))
        {
            DurableFile.Commit(chain, flush: true);
        }

        DurableFile.TryDelete(DurableFile.StagePath(key));
        DurableFile.TryDelete(DurableFile.StagePath(chain));
    }

    private (ImmutableArray<string> Names, RenewalState State) LoadState(string path)
    {
        try
        {
            if (File.Exists(path))
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path));
                var root = document.RootElement;
                return (Json.Texts(root, "names"), RenewalStateJson.Read(root));
            }
        }
        catch (Exception broken) when (broken is JsonException or IOException or UnauthorizedAccessException)
        {
            Log.Broken(logger, path, broken.Message);
        }

        return ([], RenewalState.Fresh);
    }

    private static partial class Log
    {
        [LoggerMessage(4000, LogLevel.Warning, "{Path} cannot be used and is left out: {Reason}")]
        public static partial void Broken(ILogger logger, string path, string reason);
    }
}
