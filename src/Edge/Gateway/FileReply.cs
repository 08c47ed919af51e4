using System.Globalization;
using Edge.Services.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Net.Http.Headers;

namespace Edge.Gateway;

/// <summary>
/// Serves the files of a folder: the whole file, ranges and "not modified" by the framework's own part. There is no
/// listing, no hidden file, and no way out of the folder: what was opened is asked where it really lies.
/// </summary>
internal sealed class FileReply(FilesAnswer said, PathEdit? path, RequestDelegate noFile) : IRouteAnswer
{
    private static readonly FileExtensionContentTypeProvider ContentTypes = new();

    public Task AnswerAsync(HttpContext context)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        var asked = (path is null ? request.Path : path.Of(request.Path)).Value is { Length: > 0 } text ? text : "/";
        if (FileNamed(asked) is not { } name)
        {
            return noFile(context);
        }

        if (Directory.Exists(name) && WantsSlash(request.Path, asked))
        {
            context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
            context.Response.Headers.Location = $"{request.Scheme}://{HostText.Of(request)}{WithSlash(context)}";
            return Task.CompletedTask;
        }

        return Open(asked.EndsWith('/') ? Path.Combine(name, "index.html") : name) is { } file ? SendAsync(context, file) : noFile(context);
    }

    // Links of a page are relative to its folder, whose name therefore ends with a slash, in the address that the client sees: a
    // prefix that was taken off whole leaves one that it has not written. Not where another folder would come of it.
    private bool WantsSlash(PathString written, string asked) =>
        !written.Value!.EndsWith('/') && (!asked.EndsWith('/') || path?.Of(written.Add("/")).Value == asked);

    private static string WithSlash(HttpContext context)
    {
        if (RawTarget.Of(context) is not { } raw)
        {
            return context.Request.Path.Add("/").ToUriComponent() + context.Request.QueryString.ToUriComponent();
        }

        var end = raw.IndexOf('?');
        return end < 0 ? raw + "/" : raw.Insert(end, "/");
    }

    // Hidden files hold what was not meant to be seen: .git, .htpasswd, .env. What is in .well-known is there for everybody (RFC 8615 section 3).
    private string? FileNamed(string asked)
    {
        var segments = asked.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return segments.Skip(segments is [".well-known", ..] ? 1 : 0).Any(segment => segment[0] == '.' || segment.AsSpan().ContainsAny('\\', '\0')) ? null : Path.Combine([said.Folder, .. segments]);
    }

    private FileStream? Open(string name)
    {
        try
        {
            // Opening a pipe would wait for its other end.
            if (!File.Exists(name) || Dns.Files.FileFingerprint.Of(name) == Dns.Files.FileFingerprint.None)
            {
                return null;
            }

            var file = new FileStream(name, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 64 << 10, FileOptions.Asynchronous | FileOptions.SequentialScan);
            if (LiesInside(file))
            {
                return file;
            }

            file.Dispose();
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            // Not to be read is not there.
        }

        return null;
    }

    // Links may lead anywhere, and may be changed between a look and the opening: what counts is the file that is open.
    private bool LiesInside(FileStream file)
    {
        var open = $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}";
        var real = File.Exists(open) ? File.ResolveLinkTarget(open, returnFinalTarget: true)!.FullName : Real(file.Name);
        return real.StartsWith(Real(said.Folder).TrimEnd('/') + "/", StringComparison.Ordinal);
    }

    // Each folder on the way may be a link.
    private static string Real(string path)
    {
        var real = "/";
        foreach (var segment in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            real = Path.Combine(real, segment);
            real = Directory.ResolveLinkTarget(real, returnFinalTarget: true) is { } target ? Real(target.FullName) : real;
        }

        return real;
    }

    private static Task SendAsync(HttpContext context, FileStream file)
    {
        var changed = File.GetLastWriteTimeUtc(file.SafeFileHandle);
        var tag = string.Create(CultureInfo.InvariantCulture, $"\"{changed.Ticks:x}-{file.Length:x}\"");
        var type = ContentTypes.TryGetContentType(file.Name, out var known) ? known : "application/octet-stream";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (file.Length > CountedBody.Large)
        {
            CountedBody.Count(context);
        }

        // The result disposes of the stream.
        return TypedResults.Stream(file, Charset(type), null, changed, new EntityTagHeaderValue(tag), enableRangeProcessing: true).ExecuteAsync(context);
    }

    private static string Charset(string type) => type.StartsWith("text/", StringComparison.Ordinal) || type is "application/json" or "application/javascript" ? type + "; charset=utf-8" : type;
}
