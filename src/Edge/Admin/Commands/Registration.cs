using System.Net;
using System.Text.Json;
using Edge.Settings;

namespace Edge.Admin.Commands;

/// <summary>One service kept registered from the outside: put, renewed at a third of its lease, put again after a loss, deleted at the end.</summary>
internal sealed class Registration(
    AdminClient api,
    string name,
    string[] to,
    string[] hosts,
    string? expose,
    TimeSpan lease,
    TimeProvider time,
    TextWriter report)
{
    private string Path => $"v1/services/{Uri.EscapeDataString(name)}";

    /// <summary>Registers once. A refusal throws; an Edge that does not answer is left to <see cref="KeepAsync"/>.</summary>
    public async Task FirstAsync(CancellationToken cancel)
    {
        try
        {
            await PutAsync(cancel);
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
                if (!await RenewAsync(cancel))
                {
                    await PutAsync(cancel);
                }

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

    /// <summary>Takes the service away; what cannot be reached any more ends by its lease.</summary>
    public async Task EndAsync()
    {
        try
        {
            using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5), time);
            using var answer = await api.SendRawAsync(new HttpRequestMessage(HttpMethod.Delete, Path), soon.Token);
        }
        catch (Exception away) when (away is HttpRequestException or OperationCanceledException)
        {
            await report.WriteLineAsync($"edge: could not take {name} away ({away.Message}); it ends with its lease, within {DurationText.Format(lease)}");
        }
    }

    private async Task PutAsync(CancellationToken cancel)
    {
        var request = new HttpRequestMessage(HttpMethod.Put, Path) { Content = new ByteArrayContent(Body()) };
        request.Content.Headers.ContentType = new("application/json");
        using var answer = await api.SendRawAsync(request, cancel);
        if ((int)answer.StatusCode >= 500)
        {
            throw new HttpRequestException(await ProblemText.ReadAsync(answer, cancel));
        }

        if (!answer.IsSuccessStatusCode)
        {
            throw new CommandFailedException(await ProblemText.ReadAsync(answer, cancel));
        }

        await ReportAsync(await answer.Content.ReadAsByteArrayAsync(cancel));
    }

    private async Task<bool> RenewAsync(CancellationToken cancel)
    {
        using var answer = await api.SendRawAsync(new HttpRequestMessage(HttpMethod.Post, Path + "/renew"), cancel);
        if (answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return false;
        }

        return answer.IsSuccessStatusCode ? true : throw new HttpRequestException(await ProblemText.ReadAsync(answer, cancel));
    }

    private byte[] Body()
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            WriteList(json, "to", to);
            WriteList(json, "host", hosts);
            if (expose is not null)
            {
                json.WriteString("expose", expose);
            }

            json.WriteString("ttl", DurationText.Format(lease));
            json.WriteEndObject();
        }

        return body.ToArray();
    }

    private static void WriteList(Utf8JsonWriter json, string key, string[] values)
    {
        if (values.Length == 0)
        {
            return;
        }

        json.WriteStartArray(key);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }

    private async Task ReportAsync(byte[] answer)
    {
        using var document = JsonDocument.Parse(answer);
        var live = document.RootElement.GetProperty("live");
        if (!live.GetProperty("served").GetBoolean())
        {
            await report.WriteLineAsync($"edge: {name} is registered, but not served everywhere it should be:");
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
