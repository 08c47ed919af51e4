using System.Collections.Immutable;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using Edge.Dns.Files;
using Edge.PortMapping.Pcp;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>The mappings that are ours, on disk: written before the router is asked, so that none is forgotten.</summary>
internal sealed partial class MappingFile
{
    private readonly string _path;
    private readonly ILogger _log;
    private KeptMappings _kept;

    private MappingFile(string path, KeptMappings kept, ILogger log) => (_path, _kept, _log) = (path, kept, log);

    /// <summary>What shows the router that mappings are ours (RFC 6887 section 11.1).</summary>
    public byte[] Nonce => Convert.FromHexString(_kept.Nonce);

    /// <summary>The mappings at a router.</summary>
    public ImmutableArray<KeptMapping> At(IPAddress router) => _kept.Router == router.ToString() ? _kept.Made : [];

    /// <summary>Reads the file; one that is not there or broken begins anew.</summary>
    public static MappingFile Open(string path, ILogger log)
    {
        try
        {
            if (File.Exists(path) && JsonSerializer.Deserialize(OrdinaryFile.ReadBytes(path, 64 * 1024), KeptMappingsJson.Default.KeptMappings) is { } kept
                && kept.Nonce.Length == PcpMessage.NonceLength * 2 && !kept.Made.IsDefault)
            {
                return new MappingFile(path, kept with { Nonce = Convert.ToHexString(Convert.FromHexString(kept.Nonce)) }, log);
            }
        }
        catch (Exception broken) when (broken is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            Log.Broken(log, path, broken.Message);
        }

        return new MappingFile(path, new KeptMappings(Convert.ToHexString(RandomNumberGenerator.GetBytes(PcpMessage.NonceLength)), null, []), log);
    }

    /// <summary>Keeps one that is asked for, in the place of what was kept of the same.</summary>
    public void Asked(IPAddress router, KeptMapping mapping)
    {
        if (!At(router).Contains(mapping))
        {
            Keep(router, [.. At(router).Where(kept => kept.Wanted != mapping.Wanted), mapping]);
        }
    }

    /// <summary>Keeps these and no others.</summary>
    public void Keep(IPAddress router, ImmutableArray<KeptMapping> made)
    {
        if (At(router).SequenceEqual(made) && (_kept.Router == router.ToString() || made.IsEmpty))
        {
            return;
        }

        _kept = _kept with { Router = router.ToString(), Made = made };
        try
        {
            DurableFile.Write(_path, JsonSerializer.Serialize(_kept, KeptMappingsJson.Default.KeptMappings));
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // A mapping ends by itself; to let nobody in for want of a disk would be worse.
            Log.NotKept(_log, _path, refused.Message);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(3400, LogLevel.Warning, "{Path} cannot be read ({Reason}); mappings that it knew of stay at the router until they end")]
        public static partial void Broken(ILogger log, string path, string reason);

        [LoggerMessage(3401, LogLevel.Warning, "{Path} cannot be written ({Reason}); after a crash, mappings stay at the router until they end")]
        public static partial void NotKept(ILogger log, string path, string reason);
    }
}
