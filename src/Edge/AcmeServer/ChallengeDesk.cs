using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Edge.Acme;
using Edge.Stores;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.AcmeServer;

/// <summary>
/// Challenges that clients say are ready (RFC 8555 §7.5.1): each is looked at by a task of its own. What found no place, or was cut off by
/// a restart, is "processing" all the same (§7.1.6), and begins when the client next asks how it stands.
/// </summary>
internal sealed partial class ChallengeDesk(AcmeServerSetup setup, AcmeServerStore store, OrderDesk orders, ChallengeValidator validator) : IAsyncDisposable
{
    private const int MostAtOnce = 256;
    private const int MostOfOne = 16;

    private readonly ConcurrentDictionary<(string Order, int Index), (string Client, Task Work)> _running = new();
    private readonly CancellationTokenSource _end = new();

    public async Task<ServerReply> TakeAsync(SignedRequest request, string id, string number, string type, ServerUrls urls, CancellationToken cancel)
    {
        var (order, refusal) = await orders.FindAsync(request, id, cancel);
        if (order is null)
        {
            return refusal!;
        }

        if (!int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) || index >= order.Authorizations.Length
            || !ChallengeValidator.Types(order.Authorizations[index]).Contains(type))
        {
            return ServerReply.NotFound("challenge");
        }

        var isOpen = order.Status(setup.Time.GetUtcNow()) == "pending" && order.Authorizations[index] is { Status: "pending" } pending && (pending.Challenge ?? type) == type;
        if (!request.IsRead && isOpen)
        {
            order = await store.ChangeAsync(id, one => Change(one, index, authorization => authorization with { Challenge = authorization.Challenge ?? type }), cancel) ?? order;
        }

        BeginWhereDue(order, index, request.Key.Thumbprint);

        var shown = order;
        return ServerReply.Of(StatusCodes.Status200OK, json => OrderDesk.WriteChallenge(json, shown, index, type, urls)) with { Up = urls.Authorization(id, index), RetryAfter = 1 };
    }

    /// <summary>RFC 8555 §7.5: an authorization, whose challenge begins where it should be on its way and is not.</summary>
    public async Task<ServerReply> AuthorizationAsync(SignedRequest request, string id, string number, ServerUrls urls, CancellationToken cancel)
    {
        if (request.IsRead && await orders.FindAsync(request, id, cancel) is ({ } order, _)
            && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < order.Authorizations.Length)
        {
            BeginWhereDue(order, index, request.Key.Thumbprint);
        }

        return await orders.AuthorizationAsync(request, id, number, urls, cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await Task.WhenAll(_running.Values.Select(one => one.Work));
        _end.Dispose();
    }

    private void BeginWhereDue(ServerOrder order, int index, string thumbprint)
    {
        if (order.Status(setup.Time.GetUtcNow()) == "pending" && order.Authorizations[index] is { Status: "pending", Challenge: not null })
        {
            Begin(order, index, thumbprint);
        }
    }

    // The places are for all: one device that has many names waits for its own.
    private void Begin(ServerOrder order, int index, string thumbprint)
    {
        if (_running.Count >= MostAtOnce || _running.Values.Count(one => one.Client == order.Client) >= MostOfOne)
        {
            return;
        }

        var started = new TaskCompletionSource();
        var work = RunAsync(order, index, thumbprint, started.Task);
        if (_running.TryAdd((order.Id, index), (order.Client, work)))
        {
            started.SetResult();
        }
        else
        {
            started.SetCanceled();
        }
    }

    private async Task RunAsync(ServerOrder order, int index, string thumbprint, Task started)
    {
        await started.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (started.IsCanceled)
        {
            return;
        }

        var authorization = order.Authorizations[index];
        try
        {
            var failure = await validator.ValidateAsync(authorization.Challenge!, authorization.Name, authorization.Token, thumbprint, IPAddress.Parse(order.Client), _end.Token);
            await store.ChangeAsync(order.Id, one => Change(one, index, before => before.Status != "pending" ? before : failure is null
                ? before with { Status = "valid", Validated = setup.Time.GetUtcNow() }
                : before with { Status = "invalid", Error = failure.Error, Detail = failure.Detail }), _end.Token);
            if (failure is not null)
            {
                Log.NotProven(setup.Log, authorization.Name, order.Client, authorization.Challenge!, failure.Detail);
            }
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
            // It is still "processing" in the store: the client's next look at it begins it anew.
        }
        catch (StoreUnavailableException away)
        {
            Log.NotKept(setup.Log, authorization.Name, away.Message);
        }
        catch (Exception unexpected)
        {
            Log.Broken(setup.Log, authorization.Name, unexpected);
            await FailAsync(order.Id, index, unexpected);
        }
        finally
        {
            _running.TryRemove((order.Id, index), out _);
        }
    }

    // RFC 8555 §6.7: else the client would wait for a verdict that never comes.
    private async Task FailAsync(string id, int index, Exception unexpected)
    {
        try
        {
            await store.ChangeAsync(id, one => Change(one, index, before => before.Status != "pending" ? before
                : before with { Status = "invalid", Error = "serverInternal", Detail = $"the server failed while it looked ({unexpected.GetType().Name}); its log says more" }), _end.Token);
        }
        catch (Exception away) when (away is StoreUnavailableException or OperationCanceledException)
        {
            Log.NotKept(setup.Log, id, away.Message);
        }
    }

    private static ServerOrder Change(ServerOrder order, int index, Func<ServerAuthorization, ServerAuthorization> change) =>
        order with { Authorizations = order.Authorizations.SetItem(index, change(order.Authorizations[index])) };

    private static partial class Log
    {
        [LoggerMessage(4300, LogLevel.Information, "{Name} was not proven by {Client} with {Challenge}: {Reason}")]
        public static partial void NotProven(ILogger log, string name, string client, string challenge, string reason);

        [LoggerMessage(4301, LogLevel.Warning, "The proof of {Name} could not be stored: {Reason}")]
        public static partial void NotKept(ILogger log, string name, string reason);

        [LoggerMessage(4302, LogLevel.Error, "The proof of {Name} failed in a way that nobody expected")]
        public static partial void Broken(ILogger log, string name, Exception error);
    }
}
