using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Stores;
using Microsoft.Extensions.Logging;

namespace Edge.Outward;

/// <summary>One name: what was sent, what it is to have, and when it is pushed.</summary>
internal sealed partial class OutwardTarget(OutwardSetup setup, KnownAddresses addresses, OutwardName name, IOutwardWay way, PushSchedule schedule, PushState? known)
{
    /// <summary>Under which the store keeps what is known of names.</summary>
    public const string Prefix = "outward/";

    private readonly PushClock _pushed = new(setup.Time, known?.Looked);
    private volatile PushState? _state = known;
    private int _isBusy;
    private volatile string? _unreadable;

    public OutwardName Name => name;

    /// <summary>What is known; null before the first push.</summary>
    public PushState? State => _state;

    /// <summary>Why its secret cannot be read; null when it can.</summary>
    public string? Unreadable => _unreadable;

    /// <summary>What it is to have now.</summary>
    public PushedAddresses Wanted => (name.Fixed ?? addresses.With(_state?.Sent)).For(name);

    /// <summary>Pushes the name if it is time to.</summary>
    /// <param name="isAsked">Somebody asks for it: it is time, whatever was said before.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task LookAsync(bool isAsked, CancellationToken cancel)
    {
        // One at a time: somebody may ask while it is under way.
        if (Interlocked.Exchange(ref _isBusy, 1) != 0)
        {
            return;
        }

        try
        {
            await LookAloneAsync(isAsked, cancel);
        }
        finally
        {
            Volatile.Write(ref _isBusy, 0);
        }
    }

    private async Task LookAloneAsync(bool isAsked, CancellationToken cancel)
    {
        var (wanted, now) = (Wanted, setup.Time.GetUtcNow());
        if (wanted.IsEmpty || Secret() is not { } secret)
        {
            return;
        }

        var basis = Basis(secret);
        if (!isAsked && !PushSchedule.IsDue(_state, basis, wanted, now, _pushed.Passed))
        {
            return;
        }

        // With dyndns2, what is sent without a change is abuse: whether it is there still, DNS says as well.
        var isSame = !isAsked && _state is { Outcome: PushOutcome.Sent or PushOutcome.Unchanged } last && last.Basis == basis && last.Sent == wanted;
        _pushed.Start();
        var result = await PushAsync(wanted, secret, isSame && name.Kind == OutwardKind.Dyndns2, cancel);
        await KeepAsync(result, basis, wanted, now);
    }

    private async Task<bool> IsThereAsync(PushedAddresses wanted, CancellationToken cancel) =>
        await setup.Resolve(name.Host, cancel) is not { IsEmpty: false } found || PushedAddresses.Of(found).For(name) == wanted;

    private async Task<PushResult> PushAsync(PushedAddresses wanted, string secret, bool isLookedUp, CancellationToken cancel)
    {
        try
        {
            return isLookedUp && await IsThereAsync(wanted, cancel) ? new PushResult(PushOutcome.Unchanged) : await way.PushAsync(name, wanted, _state?.HasSentTo(name.Provider) is true, secret, cancel);
        }
        catch (Exception away) when (away is HttpRequestException or IOException or System.Net.Sockets.SocketException or JsonException || (away is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            return PushResult.Failed(away is OperationCanceledException ? "no answer came in time" : away.Message);
        }
        catch (Exception unexpected) when (unexpected is not OperationCanceledException)
        {
            Log.Unexpected(setup.Log, name.Host, unexpected);
            return PushResult.Failed("something is wrong here; the log has it");
        }
    }

    private async Task KeepAsync(PushResult result, string basis, PushedAddresses wanted, DateTimeOffset now)
    {
        var before = _state;
        var failures = result.Outcome == PushOutcome.Failed ? (before?.Basis == basis ? before.Failures : 0) + 1 : 0;
        var isTaken = result.Outcome is PushOutcome.Sent or PushOutcome.Unchanged;
        var state = new PushState(name.Host, result.Outcome, result.Why, isTaken ? wanted : before?.Sent, now, schedule.Next(result, failures, now), basis, failures)
        {
            Tried = wanted,
            SentTo = isTaken ? name.Provider : before?.SentTo,
            Earliest = now + (result.After > PushSchedule.First ? result.After.Value : PushSchedule.First),
        };
        _state = state;
        Tell(result, wanted, state, before);
        try
        {
            await setup.Store.PutAsync(Prefix + name.Host, JsonSerializer.SerializeToUtf8Bytes(state, OutwardJson.Default.PushState), null, null, CancellationToken.None);
        }
        catch (StoreUnavailableException away)
        {
            // It is in memory; after a restart it would be sent once more.
            Log.NotKept(setup.Log, name.Host, away.Message);
        }
    }

    private void Tell(PushResult result, PushedAddresses wanted, PushState state, PushState? before)
    {
        var isNews = before?.Outcome != result.Outcome || before.Why != result.Why;
        switch (result.Outcome)
        {
            case PushOutcome.Sent:
                Log.Sent(setup.Log, name.Host, wanted);
                break;
            case PushOutcome.Unchanged:
                Log.Unchanged(setup.Log, name.Host, wanted);
                break;
            case PushOutcome.Foreign when isNews:
                Log.Foreign(setup.Log, name.Host, result.Why);
                break;
            case PushOutcome.Refused:
                Log.Refused(setup.Log, name.Host, result.Why);
                break;
            case PushOutcome.Failed when isNews:
                Log.Failed(setup.Log, name.Host, result.Why, state.Next);
                break;
        }
    }

    private string? Secret()
    {
        try
        {
            var secret = OutwardSecret.Read(name.SecretFile);
            _unreadable = secret.Length == 0 ? name.ProblemOf(secret) : null;
            return secret.Length == 0 ? null : secret;
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            var why = $"{name.SecretFile} cannot be read: {wrong.Message}";
            if (_unreadable != why)
            {
                Log.NoSecret(setup.Log, name.Host, why);
            }

            _unreadable = why;
            return null;
        }
    }

    private string Basis(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{name}\0{secret}")).AsSpan(0, 16));

    private static partial class Log
    {
        [LoggerMessage(3450, LogLevel.Information, "outward: {Host} has {Addresses} now")]
        public static partial void Sent(ILogger log, string host, PushedAddresses addresses);

        [LoggerMessage(3451, LogLevel.Debug, "outward: {Host} has {Addresses} still")]
        public static partial void Unchanged(ILogger log, string host, PushedAddresses addresses);

        [LoggerMessage(3452, LogLevel.Error, "outward: {Host}: {Reason}")]
        public static partial void Foreign(ILogger log, string host, string reason);

        [LoggerMessage(3453, LogLevel.Error, "outward: {Host} was refused, and nothing more is sent before its settings or its secret change: {Reason}")]
        public static partial void Refused(ILogger log, string host, string reason);

        [LoggerMessage(3454, LogLevel.Warning, "outward: {Host} could not be sent; the next try is at {Next:u}: {Reason}")]
        public static partial void Failed(ILogger log, string host, string reason, DateTimeOffset next);

        [LoggerMessage(3455, LogLevel.Error, "outward: {Host} cannot be sent: {Reason}")]
        public static partial void NoSecret(ILogger log, string host, string reason);

        [LoggerMessage(3456, LogLevel.Error, "outward: {Host} failed")]
        public static partial void Unexpected(ILogger log, string host, Exception error);

        [LoggerMessage(3457, LogLevel.Warning, "outward: what became of {Host} could not be kept: {Reason}")]
        public static partial void NotKept(ILogger log, string host, string reason);
    }
}
