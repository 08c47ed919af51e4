using System.Net;
using System.Text.Json;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>
/// One service kept registered from the outside: put, renewed at a third of its lease, put again after a loss, deleted at the
/// end. It changes only what is there as it left it (RFC 9110 §13.1): another with the same token may have the name since.
/// </summary>
internal sealed class Registration(
    AdminClient api,
    string name,
    string[] to,
    string[] hosts,
    string[] listen,
    string? expose,
    TimeSpan lease,
    TimeProvider time,
    TextWriter report)
{
    private const string None = "*";
    private const int MostTries = 3;
    private static readonly TimeSpan AwayPause = TimeSpan.FromMilliseconds(400);

    // What it left there; null while it has nothing there.
    private string? _tag;
    private bool _standsBy;
    private bool _hasBegun;

    // Whether a PUT was not answered: what it says may be there all the same.
    private bool _isUncertain;

    private string Path => $"v1/services/{Uri.EscapeDataString(name)}";

    /// <summary>Registers once. A refusal throws; an Edge that does not answer is left to <see cref="KeepAsync"/>.</summary>
    public async Task FirstAsync(CancellationToken cancel)
    {
        try
        {
            await TakeAsync(cancel);
        }
        catch (HttpRequestException away)
        {
            await report.WriteLineAsync($"edge: no Edge answers at {api.Api} ({away.Message}); trying again until one does");
        }
    }

    /// <summary>Renews until cancelled; whatever goes wrong is tried again with jitter.</summary>
    public async Task KeepAsync(CancellationToken cancel)
    {
        var lost = false;
        while (true)
        {
            // A third of the lease leaves room for two failures; jitter keeps many clients from coming at once.
            var pause = (lost ? TimeSpan.FromSeconds(Math.Min(5, lease.TotalSeconds / 6)) : lease / 3) * (0.8 + (0.4 * Random.Shared.NextDouble()));
            try
            {
                await Task.Delay(pause, time, cancel);
                await GoOnAsync(cancel);

                lost = false;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception trouble) when (trouble is HttpRequestException or CommandFailedException or OperationCanceledException)
            {
                if (!lost)
                {
                    await report.WriteLineAsync($"edge: could not renew {name}: {trouble.Message}; trying again");
                }

                lost = true;
            }
        }
    }

    /// <summary>
    /// Takes the service away, if it is still ours. An Edge that does not answer may be one that just starts again: it is asked
    /// a few times. What cannot be reached any more ends by its lease.
    /// </summary>
    public async Task EndAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
        var trouble = "";
        try
        {
            for (var tries = 1; ; tries++)
            {
                if ((trouble = await TakeAwayAsync(soon.Token)).Length == 0)
                {
                    return;
                }

                if (tries == MostTries)
                {
                    break;
                }

                await Task.Delay(AwayPause * tries, time, soon.Token);
            }
        }
        catch (OperationCanceledException)
        {
            trouble = trouble.Length > 0 ? trouble : "no answer came in time";
        }

        await report.WriteLineAsync($"edge: could not take {name} away ({trouble}); it ends with its lease, within {DurationText.Format(lease)}");
    }

    // Why it did not go; empty when nothing of ours is left.
    private async Task<string> TakeAwayAsync(CancellationToken cancel)
    {
        try
        {
            if ((_tag ??= _isUncertain ? await OursAsync(cancel) : null) is null)
            {
                return "";
            }

            using var answer = await api.SendRawAsync(If(new HttpRequestMessage(HttpMethod.Delete, Path), _tag), cancel);
            return answer.IsSuccessStatusCode || answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.PreconditionFailed ? "" : await ProblemText.ReadAsync(answer, cancel);
        }
        catch (HttpRequestException away)
        {
            return away.Message;
        }
    }

    // The tag of what is there, if it is what we say.
    private async Task<string?> OursAsync(CancellationToken cancel)
    {
        using var there = await api.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, Path), cancel);
        if ((int)there.StatusCode >= 500)
        {
            throw new HttpRequestException(await ProblemText.ReadAsync(there, cancel));
        }

        return there.IsSuccessStatusCode && (await ToAsync(there, cancel)).SequenceEqual(to) ? there.Headers.ETag?.ToString() : null;
    }

    private static async Task<string[]> ToAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        using var said = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancel));
        return [.. said.RootElement.GetProperty("to").EnumerateArray().Select(one => one.GetString()!)];
    }

    // Who starts has the name, also of what another of the same token has left or runs: but that is said.
    private async Task TakeAsync(CancellationToken cancel)
    {
        if (await PutAsync(null, cancel))
        {
            return;
        }

        using var there = await api.SendRawAsync(new HttpRequestMessage(HttpMethod.Get, Path), cancel);
        if (there.IsSuccessStatusCode && there.Headers.ETag is { } tag)
        {
            await report.WriteLineAsync($"edge: {name} is registered already (to {string.Join(", ", await ToAsync(there, cancel))}), and is replaced");
            if (await PutAsync(tag.ToString(), cancel))
            {
                return;
            }
        }

        await StandByAsync();
    }

    private async Task GoOnAsync(CancellationToken cancel)
    {
        if (!_hasBegun && !_standsBy)
        {
            await TakeAsync(cancel);
            return;
        }

        if (_tag is null && _isUncertain)
        {
            (_tag, _isUncertain) = (await OursAsync(cancel), false);
        }

        if (_tag is { } tag)
        {
            using var answer = await api.SendRawAsync(If(new HttpRequestMessage(HttpMethod.Post, Path + "/renew"), tag), cancel);
            if (answer.IsSuccessStatusCode)
            {
                return;
            }

            if (answer.StatusCode is not (HttpStatusCode.NotFound or HttpStatusCode.Gone or HttpStatusCode.PreconditionFailed))
            {
                throw new HttpRequestException(await ProblemText.ReadAsync(answer, cancel));
            }

            _tag = null;
        }

        if (!await PutAsync(null, cancel))
        {
            await StandByAsync();
        }
    }

    private async Task StandByAsync()
    {
        if (!_standsBy)
        {
            await report.WriteLineAsync($"edge: another has registered {name} since, with the same token; it is registered again here when the name is free");
        }

        _standsBy = true;
    }

    private static HttpRequestMessage If(HttpRequestMessage request, string? tag)
    {
        request.Headers.TryAddWithoutValidation(tag is null ? "If-None-Match" : "If-Match", tag ?? None);
        return request;
    }

    // False when what is there is not what the tag says; without one, when anything is.
    private async Task<bool> PutAsync(string? tag, CancellationToken cancel)
    {
        var request = If(new HttpRequestMessage(HttpMethod.Put, Path) { Content = new ByteArrayContent(RegistrationDocument.Of(to, hosts, listen, expose, lease)) }, tag);
        request.Content!.Headers.ContentType = new("application/json");
        var wasUncertain = _isUncertain;
        _isUncertain = true;
        using var answer = await api.SendRawAsync(request, cancel);
        _isUncertain = wasUncertain && answer.StatusCode == HttpStatusCode.PreconditionFailed;
        if (answer.StatusCode == HttpStatusCode.PreconditionFailed)
        {
            // What is there may be what was not answered earlier.
            return false;
        }

        if ((int)answer.StatusCode >= 500)
        {
            throw new HttpRequestException(await ProblemText.ReadAsync(answer, cancel));
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandFailedException(await ProblemText.ReadAsync(answer, cancel));
        }

        (_tag, _standsBy, _hasBegun) = (answer.Headers.ETag?.ToString(), false, true);
        await ReportAsync(await answer.Content.ReadAsByteArrayAsync(cancel));
        return true;
    }

    private async Task ReportAsync(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var live = document.RootElement.GetProperty("live");
        if (!live.GetProperty("served").GetBoolean())
        {
            await report.WriteLineAsync($"edge: {name} is registered, but not served, or not everywhere it should be:");
        }
        else if (document.RootElement.TryGetProperty("urls", out var urls))
        {
            foreach (var url in urls.EnumerateArray())
            {
                await report.WriteLineAsync($"edge: {name} is served at {url.GetString()}");
            }
        }

        if (live.TryGetProperty("notes", out var notes))
        {
            foreach (var note in notes.EnumerateArray())
            {
                await report.WriteLineAsync($"edge:   {note.GetString()}");
            }
        }
    }
}
