using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Gateway;

/// <summary>
/// A body that nobody wants any more because the request is answered. Over HTTP/2 the server ends such a stream at once behind the
/// answer (RFC 9113 section 8.1), which clients at work on the body may take for a failure before they have read the answer: they get
/// a moment in which what they send is thrown away. Over HTTP/1.1 the connection ends behind it, and lingers (RFC 9112 section 9.6): a
/// client that sends all before it reads would be reset, and lose the answer.
/// </summary>
internal static class UnreadBody
{
    private const int Most = 1 << 20;
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    /// <summary>Ends the answer, and waits for the end of the body; not for long, and not for much of it.</summary>
    public static async Task DrainAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>() is not { CanHaveBody: true })
        {
            return;
        }

        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            ListenerFeature.Of(context)?.Linger();
            return;
        }

        await context.Response.CompleteAsync();
        using var moment = new CancellationTokenSource(Moment, TimeProvider.System);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(moment.Token, context.RequestAborted);
        try
        {
            await ReadAsync(context.Request.Body, end.Token);
        }
        catch (Exception over) when (over is OperationCanceledException or IOException)
        {
            // The moment is over, or the client has left.
        }
    }

    private static async Task ReadAsync(Stream body, CancellationToken end)
    {
        var (buffer, read) = (new byte[16 * 1024], 0);
        try
        {
            while (read < Most && await body.ReadAsync(buffer, end) is > 0 and var count)
            {
                read += count;
            }
        }
        catch (BadHttpRequestException)
        {
            // Beyond its limit the server gives nothing of it; the client has its moment all the same.
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, end);
        }
    }
}
