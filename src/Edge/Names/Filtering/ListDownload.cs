using System.Net;
using System.Net.Http.Headers;
using Edge.Dns.Filtering;

namespace Edge.Names.Filtering;

/// <summary>
/// Fetches lists, and takes none that looks wrong: what a captive portal, a lapsed domain or a broken transfer sends
/// instead of a list must not take the good one away.
/// </summary>
internal sealed class ListDownload(HttpClient http, TimeProvider time) : IDisposable
{
    private const long MostBytes = FilterListOptions.MostBytes;

    // A list that shrinks to less than a tenth is a mistake of somebody; small ones may do as they like.
    private const int SmallList = 100;
    private const int LeastShare = 10;

    private const int LongestReason = 300;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Makes a client that finds servers by <paramref name="resolve"/>: this machine's resolver may be nobody but Edge itself.</summary>
    /// <param name="resolve">Gives the addresses of a host.</param>
    /// <param name="time">The clock.</param>
    public static ListDownload Create(Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
    {
        var connections = new ListConnections(resolve);
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            MaxAutomaticRedirections = 5,
            AutomaticDecompression = DecompressionMethods.All,
            ConnectTimeout = TimeSpan.FromSeconds(20),
            PooledConnectionLifetime = TimeSpan.FromMinutes(1),
            ConnectCallback = connections.ConnectAsync,
        };
        var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("Edge", null));
        return new ListDownload(http, time);
    }

    /// <summary>Fetches a list. Whatever goes wrong, the copy stays as it was.</summary>
    /// <param name="list">The list.</param>
    /// <param name="copy">What is kept of it.</param>
    /// <param name="acceptShrunk">Whether a list may have lost most of its rules.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<DownloadResult> FetchAsync(FilterListOptions list, ListCopy copy, bool acceptShrunk, CancellationToken cancel)
    {
        using var timer = new CancellationTokenSource(Patience, time);
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancel);
        try
        {
            using var request = Request(list, copy);
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.NotModified && copy.Exists)
            {
                copy.Confirm(time.GetUtcNow());
                return new DownloadResult(Changed: false, null);
            }

            if (response.StatusCode != HttpStatusCode.OK)
            {
                return new DownloadResult(false, $"the server answered {(int)response.StatusCode} {ShownText.Of(response.ReasonPhrase ?? "")}");
            }

            await SaveAsync(response, copy.DraftPath, deadline.Token).ConfigureAwait(false);
            return Judge(list, copy, response, acceptShrunk, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new DownloadResult(false, $"it took longer than {Patience.TotalMinutes} minutes");
        }
        catch (Exception wrong) when (wrong is HttpRequestException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // What a server sent may be in the message, such as a status line that is none.
            var inner = wrong.InnerException is { } cause && !wrong.Message.Contains(cause.Message, StringComparison.Ordinal) ? $" ({cause.Message})" : "";
            return new DownloadResult(false, ShownText.Of(wrong.Message + inner, LongestReason));
        }
        finally
        {
            Dns.Files.DurableFile.TryDelete(copy.DraftPath);
        }
    }

    public void Dispose() => http.Dispose();

    private static HttpRequestMessage Request(FilterListOptions list, ListCopy copy)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, list.Url);
        if (copy.Exists && copy.Url == list.From)
        {
            // RFC 9110 §13.1: the server says 304 when it has nothing newer.
            if (EntityTagHeaderValue.TryParse(copy.ETag, out var etag))
            {
                request.Headers.IfNoneMatch.Add(etag);
            }

            request.Headers.IfModifiedSince = copy.LastModified;
        }

        return request;
    }

    private static async Task SaveAsync(HttpResponseMessage response, string path, CancellationToken cancel)
    {
        var announced = response.Content.Headers.ContentLength;
        if (announced > MostBytes)
        {
            throw new InvalidDataException($"it is larger than {MostBytes >> 20} MiB");
        }

        await using var body = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write);
        var buffer = new byte[64 << 10];
        var total = 0L;
        for (int read; (read = await body.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0;)
        {
            total += read;
            if (total > MostBytes)
            {
                throw new InvalidDataException($"it is larger than {MostBytes >> 20} MiB");
            }

            await file.WriteAsync(buffer.AsMemory(0, read), cancel).ConfigureAwait(false);
        }

        file.Flush(flushToDisk: true);
    }

    private DownloadResult Judge(FilterListOptions list, ListCopy copy, HttpResponseMessage response, bool acceptShrunk, CancellationToken cancel)
    {
        using var draft = File.OpenRead(copy.DraftPath);
        if (LooksLikeAPage(draft))
        {
            return new DownloadResult(false, "what came is a web page, and not a list");
        }

        var summary = FilterList.Count(draft, list.Syntax, list.Name, cancel);
        if (summary.Rules == 0)
        {
            return new DownloadResult(false, "what came has no rule in it");
        }

        if (!acceptShrunk && copy.Exists && copy.Url == list.From && copy.Rules >= SmallList && summary.Rules < copy.Rules / LeastShare)
        {
            return new DownloadResult(false, $"it shrank from {copy.Rules} rules to {summary.Rules}; if that is right, take it with: edge filter update {list.Name} --accept");
        }

        var headers = response.Headers;
        copy.Take(list.From, headers.ETag?.ToString() ?? "", response.Content.Headers.LastModified, summary.Rules, time.GetUtcNow());
        return new DownloadResult(true, null);
    }

    private static bool LooksLikeAPage(FileStream draft)
    {
        Span<byte> start = stackalloc byte[1024];
        var text = start[..draft.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)];
        draft.Position = 0;
        return FilterList.IsPage(text);
    }
}
