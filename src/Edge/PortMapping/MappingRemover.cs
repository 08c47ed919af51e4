using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;

namespace Edge.PortMapping;

/// <summary>Takes mappings back that are wanted no longer: those of this process, of one before it, and of another protocol. What the router did not hear stays in the file.</summary>
internal sealed partial class MappingRemover(MappingFile file, RouterFinder finder, ILogger log)
{
    /// <summary>Takes all of them back.</summary>
    /// <param name="router">The router.</param>
    /// <param name="options">The settings.</param>
    /// <param name="client">What is spoken with it; null while nothing is.</param>
    /// <param name="cancel">The end.</param>
    public async Task RemoveAllAsync(IPAddress router, PortMappingOptions options, IRouterClient? client, CancellationToken cancel)
    {
        var left = new List<KeptMapping>();
        foreach (var kept in file.At(router))
        {
            if (!await IsGoneAsync(kept, router, options, client, cancel).ConfigureAwait(false))
            {
                left.Add(kept);
            }
        }

        // What the router did not hear, the next process tells it.
        file.Keep(router, [.. left]);
    }

    /// <summary>What was made by a protocol that is not to be spoken any more, or that nobody wants while the router is looked for.</summary>
    public async Task RemoveOfOthersAsync(IPAddress router, PortMappingOptions options, IRouterClient? client, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        foreach (var kept in file.At(router))
        {
            if ((!options.Protocols.Contains(kept.By, StringComparer.OrdinalIgnoreCase) || (client is null && !wanted.Contains(kept.Wanted)))
                && await IsGoneAsync(kept, router, options, null, cancel).ConfigureAwait(false))
            {
                file.Keep(router, [.. file.At(router).Where(other => other != kept)]);
            }
        }
    }

    /// <summary>What is not among those that are wanted.</summary>
    public async Task RemoveUnwantedAsync(IPAddress router, PortMappingOptions options, IRouterClient client, ImmutableArray<WantedMapping> wanted, CancellationToken cancel)
    {
        var left = new List<KeptMapping>();
        foreach (var kept in file.At(router).Where(kept => !wanted.Contains(kept.Wanted)))
        {
            if (!await IsGoneAsync(kept, router, options, client, cancel).ConfigureAwait(false) && !wanted.Any(other => other.Protocol == kept.Protocol && other.External == kept.External))
            {
                // Asked again with the next look. Where the port is for something else by now, that would take it away.
                left.Add(kept);
            }
        }

        file.Keep(router, [.. file.At(router).Where(kept => wanted.Contains(kept.Wanted)), .. left]);
    }

    private async Task<bool> IsGoneAsync(KeptMapping kept, IPAddress router, PortMappingOptions options, IRouterClient? client, CancellationToken cancel)
    {
        var isGone = kept.By == client?.Protocol
            ? await client.RemoveAsync(kept.Wanted, cancel).ConfigureAwait(false)
            : await RemoveByAnotherAsync(router, options, kept, cancel).ConfigureAwait(false);
        if (isGone)
        {
            Log.Removed(log, kept.Wanted, router);
        }

        return isGone;
    }

    // What was made in another way than the one that is spoken.
    private async Task<bool> RemoveByAnotherAsync(IPAddress router, PortMappingOptions options, KeptMapping kept, CancellationToken cancel)
    {
        using var client = await finder.OpenAsync(kept.By, router, options, cancel).ConfigureAwait(false);
        return client is not null && await client.RemoveAsync(kept.Wanted, cancel).ConfigureAwait(false);
    }

    private static partial class Log
    {
        [LoggerMessage(3406, LogLevel.Information, "{Mapping} was taken back from the router {Router}")]
        public static partial void Removed(ILogger log, WantedMapping mapping, IPAddress router);
    }
}
