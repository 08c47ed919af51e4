using System.Net;
using Edge.Access;
using Edge.Observability;
using Edge.Observability.Requests;

namespace Edge.Gateway;

/// <summary>What is taken down of requests that come to no step of the gateway: a line in the access log, counts, and notes for bans.</summary>
internal sealed partial class Rejections(ObservabilityRoom room, BanManager bans, ILogger<Rejections> logger)
{
    /// <summary>So many have a line in ten seconds: what is said a thousand times is said, and all are counted.</summary>
    public const int MostLines = 100;

    private readonly FailureLines _lines = new(MostLines);

    /// <summary>Begins the record of a request, which has to be given back to <see cref="End"/>.</summary>
    public RequestRecord Begin()
    {
        var record = room.Records.Get();
        record.Begin(room.Time.GetUtcNow());
        room.Requests.Begin();
        return record;
    }

    /// <summary>The request is answered.</summary>
    /// <param name="record">What it was.</param>
    /// <param name="isOffence">Its client has done something wrong, and is not only slow or gone.</param>
    /// <param name="isAnyPages">A page of any site can have its visitor's browser ask so, see <see cref="EmbeddedRequest"/>; such requests do not say where they come from.</param>
    public void End(RequestRecord record, bool isOffence, bool isAnyPages)
    {
        record.End();
        room.Requests.End(record);
        room.Requests.Reject(record.Status);
        if (isOffence && record.Client is { } client)
        {
            bans.Note(Plain(client), OffenceKind.Malformed, "gateway", isAnyPages);
        }

        var tells = _lines.MayTell(out var hidden);
        if (hidden > 0)
        {
            Log.Hidden(logger, hidden);
        }

        if (tells)
        {
            room.Log.Add(record);
        }
        else
        {
            room.Records.Return(record);
        }
    }

    /// <summary>Whether a client is banned.</summary>
    public bool IsBanned(IPAddress client) => bans.Holds(Plain(client));

    private static IPAddress Plain(IPAddress client) => client.IsIPv4MappedToIPv6 ? client.MapToIPv4() : client;

    private static partial class Log
    {
        [LoggerMessage(5030, LogLevel.Information, "{Count} more requests that were no HTTP had come in the seconds before, without a line in the access log")]
        public static partial void Hidden(ILogger logger, int count);
    }
}
