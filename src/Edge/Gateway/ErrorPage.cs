using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using Edge.Dns.Files;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// A page of the user's own for what goes wrong: an HTML file in which {status}, {title}, {detail}, {host} and {id} are
/// filled in. A change of the file is seen at the next page; one that cannot be read keeps what was read before.
/// </summary>
internal sealed class ErrorPage(string file)
{
    public const int MostBytes = 256 << 10;

    private readonly Lock _reading = new();
    private string? _stamp;
    private string? _text;

    /// <summary>Why the file cannot be read; null when it can.</summary>
    public static string? ProblemOf(string file) => File.Exists(file) ? OrdinaryFile.ProblemOf(file, MostBytes) : "there is no such file";

    /// <summary>The page; null as long as the file could not be read.</summary>
    public byte[]? Render(HttpContext context, GatewayPage page)
    {
        if (Text() is not { } text)
        {
            return null;
        }

        var encode = HtmlEncoder.Default;
        var filled = new StringBuilder(text)
            .Replace("{status}", page.Status.ToString(CultureInfo.InvariantCulture))
            .Replace("{title}", encode.Encode(page.Title))
            .Replace("{detail}", encode.Encode(page.Detail))
            .Replace("{host}", encode.Encode(HostText.Of(context.Request)))
            .Replace("{id}", encode.Encode(context.TraceIdentifier));
        return Encoding.UTF8.GetBytes(filled.ToString());
    }

    private string? Text()
    {
        lock (_reading)
        {
            var stamp = FileFingerprint.Of(file);
            if (stamp != _stamp)
            {
                _stamp = stamp;
                try
                {
                    _text = Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(file, MostBytes));
                }
                catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
                {
                    // What was read before is better than nothing; the first look is told when the route is read.
                }
            }

            return _text;
        }
    }
}
