using Edge.Dns.Nameserver;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Transfer;

/// <summary>What all secondary zones share.</summary>
/// <param name="Keys">The keys now.</param>
/// <param name="Store">Where zones are kept.</param>
/// <param name="Turns">So many zones are refreshed at once.</param>
/// <param name="Changed">Called when what is served of a zone has changed.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Told about transfers and trouble.</param>
internal sealed record SecondaryParts(Func<RequestKeySet> Keys, SecondaryStore Store, SemaphoreSlim Turns, Action Changed, TimeProvider Time, ILogger Logger);
