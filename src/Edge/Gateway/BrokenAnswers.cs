using System.Net.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace Edge.Gateway;

/// <summary>Tells of answers that began and did not come to their end, where the destination is to blame.</summary>
internal sealed partial class BrokenAnswers(ILogger<GatewayPipeline> logger)
{
    /// <param name="method">The request's.</param>
    /// <param name="host">Its Host header.</param>
    /// <param name="path">Its path as it is written in a URL, so that it stays one line.</param>
    /// <param name="entry">The route it took.</param>
    /// <param name="error">What happened.</param>
    /// <param name="id">The request's number.</param>
    public void Tell(string method, string? host, string path, RouteEntry entry, IForwarderErrorFeature error, string id)
    {
        if (error.Error is ForwarderError.ResponseBodyDestination or ForwarderError.UpgradeRequestDestination or ForwarderError.UpgradeResponseDestination or ForwarderError.UpgradeActivityTimeout)
        {
            Log.BrokeOff(logger, method, host, path, entry.Id, error.Error, Reason(error.Exception), id);
        }
    }

    /// <summary>What an exception says. A failed connection says the same in both: "Connection refused (h:1)" around "Connection refused".</summary>
    public static string? Reason(Exception? wrong) => wrong switch
    {
        { InnerException: SocketException } => wrong.Message,
        { InnerException: { } inner } when !wrong.Message.Contains(inner.Message, StringComparison.Ordinal) => $"{wrong.Message} {inner.Message}",
        _ => wrong?.Message,
    };

    private static partial class Log
    {
        [LoggerMessage(5003, LogLevel.Information, "{Method} {Host}{Path}: the answer of route {Route} broke off with {Error}: {Reason} (request {Id})")]
        public static partial void BrokeOff(ILogger logger, string method, string? host, string path, string route, ForwarderError error, string? reason, string id);
    }
}
