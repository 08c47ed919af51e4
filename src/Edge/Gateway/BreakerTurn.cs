using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// One request that a breaker has let go to a destination. What it proves shows with the head of the answer: a stream may take
/// hours to its end, in which a breaker that waits for it would let nobody else try.
/// </summary>
/// <param name="breakers">Are told.</param>
/// <param name="destination">Where the request goes.</param>
/// <param name="settings">What the route says.</param>
/// <param name="isTrial">It is the one that tries a destination that is left alone.</param>
internal sealed class BreakerTurn(CircuitBreakers breakers, DestinationState destination, BreakerSettings settings, bool isTrial)
{
    private static readonly Func<object, Task> Begins = static turn => ((BreakerTurn)turn).BeginAsync();

    private HttpResponse? _answer;
    private bool _isTrial = isTrial;
    private bool _isOver;
    private bool _hasFailed;

    /// <summary>Takes note of when the head of the answer goes to the client.</summary>
    public void Follow(HttpResponse answer)
    {
        _answer = answer;
        answer.OnStarting(Begins, this);
    }

    /// <summary>The request has ended. An answer that broke off on its way tells something more, and one that did not does not.</summary>
    /// <param name="failed">Whether it failed; null when it was the client's doing.</param>
    public void End(bool? failed)
    {
        if (!_isOver || (failed is true && !_hasFailed))
        {
            Report(failed);
        }

        _isOver = true;
    }

    /// <summary>Whether a destination says with its answer that it has failed.</summary>
    public static bool IsFailure(int status) => status is StatusCodes.Status502BadGateway or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout;

    private Task BeginAsync()
    {
        // What begins behind the end is an answer of the gateway itself, or that of another destination.
        if (!_isOver)
        {
            _isOver = true;
            Report(IsFailure(_answer!.StatusCode));
        }

        return Task.CompletedTask;
    }

    private void Report(bool? failed)
    {
        _hasFailed = failed is true;
        breakers.Report(destination, settings, failed, _isTrial);
        // What the trial tells later it tells as one of many: another may be trying by then.
        _isTrial = false;
    }
}
