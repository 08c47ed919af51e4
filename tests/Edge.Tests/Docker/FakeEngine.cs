using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Edge.Tests.Docker;

/// <summary>An engine that answers as the test says, behind a real socket.</summary>
internal sealed class FakeEngine : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-engine-");
    private readonly ConcurrentDictionary<string, JsonObject> _containers = new(StringComparer.Ordinal);
    private readonly List<Channel<string>> _streams = [];
    private WebApplication? _app;
    private int _made;

    public string Socket => Path.Combine(_folder.FullName, "engine.sock");

    public string? ApiVersion { get; set; } = "1.41";

    /// <summary>Asked first, with the path behind the version; true when it has answered.</summary>
    public Func<string, HttpContext, Task<bool>>? Instead { get; set; }

    public ConcurrentQueue<string> Asked { get; } = new();

    public int Streams
    {
        get
        {
            lock (_streams)
            {
                return _streams.Count;
            }
        }
    }

    public async Task<FakeEngine> StartAsync()
    {
        File.Delete(Socket);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(Socket));
        _app = builder.Build();
        ((IApplicationBuilder)_app).Run(AnswerAsync);
        await _app.StartAsync();
        return this;
    }

    /// <summary>Nobody is behind the socket any more.</summary>
    public async Task StopAsync()
    {
        EndStreams();
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>A container that runs, at an address of its own; the engine tells nobody.</summary>
    public void Set(string id, string labels, string state = "running", string? health = null, string name = "", string? uses = null)
    {
        var at = Interlocked.Increment(ref _made);
        var said = new JsonObject();
        foreach (var label in labels.Split(" | ", StringSplitOptions.RemoveEmptyEntries))
        {
            said.Add(label.Split('=', 2)[0], label.Split('=', 2)[1]);
        }

        var known = _containers.TryGetValue(id, out var before) ? before : null;
        _containers[id] = new JsonObject
        {
            ["Id"] = id,
            ["Name"] = "/" + (name.Length > 0 ? name : id),
            ["Created"] = known?["Created"]?.GetValue<string>() ?? DateTimeOffset.UnixEpoch.AddSeconds(at).ToString("O", CultureInfo.InvariantCulture),
            ["State"] = new JsonObject
            {
                ["Running"] = state is "running" or "paused" or "restarting",
                ["Restarting"] = state == "restarting",
                ["Paused"] = state == "paused",
                ["Health"] = health is null ? null : new JsonObject { ["Status"] = health },
            },
            ["Config"] = new JsonObject { ["Labels"] = said, ["ExposedPorts"] = new JsonObject { ["80/tcp"] = new JsonObject() } },
            ["HostConfig"] = new JsonObject { ["NetworkMode"] = uses is null ? "default" : $"container:{uses}" },
            ["NetworkSettings"] = new JsonObject
            {
                ["Networks"] = new JsonObject { ["bridge"] = new JsonObject { ["NetworkID"] = "b", ["IPAddress"] = $"172.17.{at / 250}.{2 + (at % 250)}" } },
            },
        };
    }

    public void Remove(string id) => _containers.TryRemove(id, out _);

    /// <summary>Tells all who listen what happened to a container.</summary>
    public void Say(string action, string id) =>
        SayLine(new JsonObject { ["Type"] = "container", ["Action"] = action, ["Actor"] = new JsonObject { ["ID"] = id } }.ToJsonString() + "\n");

    /// <summary>Tells all who listen something.</summary>
    public void SayLine(string text)
    {
        lock (_streams)
        {
            _streams.ForEach(stream => stream.Writer.TryWrite(text));
        }
    }

    public void EndStreams()
    {
        lock (_streams)
        {
            _streams.ForEach(stream => stream.Writer.TryComplete());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_app is not null)
        {
            await StopAsync();
        }

        _folder.Delete(recursive: true);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var whole = context.Request.Path.Value!;
        Asked.Enqueue(whole);
        var path = whole.StartsWith("/v", StringComparison.Ordinal) ? whole[whole.IndexOf('/', 1)..] : whole;
        if (ApiVersion is not null)
        {
            context.Response.Headers["Api-Version"] = ApiVersion;
        }

        if (Instead is { } instead && await instead(path, context))
        {
            return;
        }

        switch (path)
        {
            case "/_ping":
                await context.Response.WriteAsync("OK");
                break;
            case "/events":
                await StreamAsync(context);
                break;
            case "/networks":
                await context.Response.WriteAsync("""[{"Name":"bridge","Id":"b","Driver":"bridge"}]""");
                break;
            case "/containers/json":
                await context.Response.WriteAsync(new JsonArray([.. _containers.Values.Where(one => (bool)one["State"]!["Running"]!)
                    .Select(one => new JsonObject { ["Id"] = (string)one["Id"]!, ["Labels"] = one["Config"]!["Labels"]!.DeepClone() })]).ToJsonString());
                break;
            default:
                var found = _containers.GetValueOrDefault(path.Split('/')[2]);
                context.Response.StatusCode = found is null ? 404 : 200;
                await context.Response.WriteAsync(found?.ToJsonString() ?? """{"message":"No such container"}""");
                break;
        }
    }

    private async Task StreamAsync(HttpContext context)
    {
        var lines = Channel.CreateUnbounded<string>();
        await context.Response.StartAsync();
        await context.Response.Body.FlushAsync();
        lock (_streams)
        {
            _streams.Add(lines);
        }

        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(line), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // Whoever listened has left.
        }
        finally
        {
            lock (_streams)
            {
                _streams.Remove(lines);
            }
        }
    }
}
