using Microsoft.Extensions.Logging;

namespace Edge.Client;

/// <summary>
/// Keeps one service registered: put, renewed at a third of its lease, put again when the lease is gone, deleted at the end.
/// Each renewal names the tag of what was registered, so that of two applications with one name the later one has it, and
/// the earlier one stands by until it is free instead of taking it back.
/// </summary>
internal sealed partial class RegistrationKeeper(
    string name,
    EdgeRegistrationOptions options,
    RegistrationApi api,
    Application application,
    TimeProvider time,
    ILogger log) : IDisposable
{
    private string? _tag;
    private bool _mayBeRegistered;
    private int _failures;
    private ApiAnswer? _told;

    /// <summary>Why the last step was refused; null when it was not.</summary>
    public string? Refusal => _told is { Outcome: ApiOutcome.Refused } refused ? refused.Text : null;

    /// <summary>Goes on until cancelled.</summary>
    public async Task KeepAsync(TimeSpan pause, CancellationToken cancel)
    {
        try
        {
            while (true)
            {
                await Task.Delay(pause, time, cancel).ConfigureAwait(false);
                pause = await StepAsync(cancel).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // The application ends.
        }
    }

    /// <summary>Registers or renews, and says how long to wait before the next step.</summary>
    public async Task<TimeSpan> StepAsync(CancellationToken cancel)
    {
        var before = _tag;
        var answer = before is null ? await PutAsync(null, cancel).ConfigureAwait(false) : await RenewAsync(before, cancel).ConfigureAwait(false);
        _failures = answer.Outcome == ApiOutcome.Away ? _failures + 1 : 0;
        Tell(answer, isNew: _tag != before);
        return answer.Outcome switch
        {
            ApiOutcome.Away => Longer(RegistrationPace.Failure(_failures), answer.RetryAfter),
            ApiOutcome.Refused => RegistrationPace.Refusal(),
            _ => RegistrationPace.Renewal(options.TimeToLive),
        };
    }

    /// <summary>Takes the service away; what cannot be reached any more ends by its lease.</summary>
    public async Task EndAsync(CancellationToken cancel)
    {
        if (!_mayBeRegistered)
        {
            return;
        }

        using var timeout = new CancellationTokenSource(options.RemovalTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancel);
        try
        {
            var answer = await api.DeleteAsync(_tag, either.Token).ConfigureAwait(false);
            if (answer.Outcome == ApiOutcome.Done)
            {
                Log.Removed(log, name);
            }
            else if (answer.Outcome is ApiOutcome.Away or ApiOutcome.Refused)
            {
                Log.NotRemoved(log, name, options.TimeToLive, answer.Text);
            }
        }
        catch (OperationCanceledException)
        {
            Log.NotRemoved(log, name, options.TimeToLive, "Edge did not answer in time");
        }
    }

    public void Dispose() => api.Dispose();

    private async Task<ApiAnswer> RenewAsync(string tag, CancellationToken cancel)
    {
        var answer = await api.RenewAsync(tag, cancel).ConfigureAwait(false);
        return answer.Outcome switch
        {
            // Of several that stood by, one gets it.
            ApiOutcome.Gone => await PutAsync(("If-None-Match", "*"), cancel).ConfigureAwait(false),
            // Whoever was cut off may have another address now; where it has not, this changes nothing.
            ApiOutcome.Done when _told is { Outcome: ApiOutcome.Away } => await PutAsync(("If-Match", tag), cancel).ConfigureAwait(false),
            _ => answer,
        };
    }

    private async Task<ApiAnswer> PutAsync((string Header, string Value)? condition, CancellationToken cancel)
    {
        if (string.IsNullOrWhiteSpace(options.Token))
        {
            return new ApiAnswer(ApiOutcome.Refused, "there is no token: make one with edge token create, and give it as EDGE_TOKEN or as Edge:Token of the settings");
        }

        var (local, edge, trouble) = await api.EndsAsync(cancel).ConfigureAwait(false);
        if (trouble is not null)
        {
            return trouble;
        }

        if (application.Destination(local, edge) is not { } destination)
        {
            var listens = application.Listens is { Count: > 0 } addresses ? $"on {string.Join(", ", addresses)} only" : "nowhere";
            return new ApiAnswer(ApiOutcome.Refused, $"the application listens {listens}, where Edge at {edge} cannot reach it: listen on all addresses (ASPNETCORE_URLS=http://*:5000), or set Destination");
        }

        _mayBeRegistered = true;
        var answer = await api.PutAsync(destination, application.HealthPath(), condition, cancel).ConfigureAwait(false);
        if (answer is { Outcome: ApiOutcome.Gone } or { Outcome: ApiOutcome.Done, Tag: null })
        {
            answer = new ApiAnswer(ApiOutcome.Refused, "what answers there is not Edge's registration API");
        }

        // Of an answer that got lost nobody knows what it was.
        _mayBeRegistered = _tag is not null || answer.Outcome is ApiOutcome.Done or ApiOutcome.Away;
        if (answer.Outcome == ApiOutcome.Done && answer.Tag != _tag)
        {
            _tag = answer.Tag;
            TellWhere(answer, destination);
        }

        return answer;
    }

    private void TellWhere(ApiAnswer answer, string destination)
    {
        if (answer.Missing.Length > 0)
        {
            Log.NotServed(log, name, destination, answer.Missing);
        }
        else
        {
            Log.Registered(log, name, answer.Text, destination);
        }
    }

    // Once, however often it is tried.
    private void Tell(ApiAnswer answer, bool isNew)
    {
        var before = _told;
        _told = answer.Outcome == ApiOutcome.Done ? null : answer;
        if (before?.Outcome == answer.Outcome && (answer.Outcome != ApiOutcome.Refused || before.Text == answer.Text))
        {
            return;
        }

        switch (answer.Outcome)
        {
            case ApiOutcome.Done when before is not null && !isNew:
                Log.GoesOn(log, name, options.Url);
                break;
            case ApiOutcome.Away:
                Log.Away(log, name, options.Url, answer.Text);
                break;
            case ApiOutcome.Refused:
                Log.Refused(log, name, options.Url, answer.Text);
                break;
            case ApiOutcome.Changed:
                Log.StandsBy(log, name);
                break;
        }
    }

    private static TimeSpan Longer(TimeSpan pause, TimeSpan? asked) => asked > pause ? asked.Value : pause;
}
