using System.Net.Sockets;

namespace Edge.Gateway;

/// <summary>
/// A connection that rested may be broken off by the destination just when a request is on its way. The framework's client asks
/// again when such a connection was closed; this asks once more when it was reset, as the straight way does. Only what may be
/// sent twice (RFC 9110 section 9.2.2), has no body and met a connection that had served before. What may not be is asked once.
/// And it tells a connection that did not come about in time from an answer that did not.
/// </summary>
internal sealed class StaleConnections(HttpMessageHandler next) : DelegatingHandler(next)
{
    private static readonly HttpRequestOptionsKey<bool> HasOpened = new("Edge.HasOpened");

    /// <summary>Takes note that a connection is made for a request: it is not asked again on account of that one.</summary>
    public static void Opens(HttpRequestMessage request) => request.Options.Set(HasOpened, true);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.Content is null && request.Headers.ExpectContinue is not true && request.Method != HttpMethod.Connect && !IdempotentMethods.Has(request.Method.Method))
        {
            // The framework's client asks up to three times more what has no content at all, on new connections too. What has an empty
            // one it writes in the same bytes (over HTTP/2 with an empty frame more), and asks once.
            request.Content = new ByteArrayContent([]);
        }

        try
        {
            return await base.SendAsync(request, cancellationToken);
        }
        catch (OperationCanceledException late) when (late.InnerException is TimeoutException && !cancellationToken.IsCancellationRequested)
        {
            // The time for a connection, with its handshake, was over. Nothing was sent: to the steps around it is as one that was refused.
            throw new HttpRequestException(HttpRequestError.ConnectionError, late.InnerException.Message, late);
        }
        catch (HttpRequestException reset) when (!cancellationToken.IsCancellationRequested && WasReset(reset) && MayBeSentTwice(request))
        {
            return await base.SendAsync(request, cancellationToken);
        }
    }

    private static bool WasReset(HttpRequestException wrong)
    {
        for (var inner = wrong.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException socket)
            {
                return wrong.HttpRequestError != HttpRequestError.ConnectionError && socket.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted or SocketError.Shutdown;
            }
        }

        return false;
    }

    private static bool MayBeSentTwice(HttpRequestMessage request) =>
        request.Content is null && !request.Options.TryGetValue(HasOpened, out _) && IdempotentMethods.Has(request.Method.Method);
}
