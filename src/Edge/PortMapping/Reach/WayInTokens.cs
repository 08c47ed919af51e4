using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Edge.PortMapping.Reach;

/// <summary>
/// Numbers that nobody can guess, one for each time that somebody is to come in from outside. Who asks for one gets what only this
/// box answers, and this box knows that it was asked: no other server at that address can pass for us.
/// </summary>
internal sealed class WayInTokens
{
    private const string Prefix = "/.well-known/edge-way-in/";
    private const int Length = 32;

    // Whether it was asked for.
    private readonly ConcurrentDictionary<string, bool> _open = new(StringComparer.Ordinal);

    /// <summary>A new one.</summary>
    public string Open()
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(Length / 2));
        _open[token] = false;
        return token;
    }

    /// <summary>Ends it; whether somebody has come with it.</summary>
    public bool Close(string token) => _open.TryRemove(token, out var seen) && seen;

    /// <summary>Whether a request is one of those that are waited for.</summary>
    public bool Takes(HttpContext context) =>
        !_open.IsEmpty && context.Request.Path.Value is { } path && path.StartsWith(Prefix, StringComparison.Ordinal) && _open.ContainsKey(path[Prefix.Length..]);

    public Task AnswerAsync(HttpContext context)
    {
        var token = context.Request.Path.Value![Prefix.Length..];
        _open.TryUpdate(token, newValue: true, comparisonValue: false);
        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(AnswerTo(token), context.RequestAborted);
    }

    /// <summary>Whether a text has the form of one.</summary>
    public static bool IsToken(string text) => text.Length == Length && text.All(char.IsAsciiHexDigitLower);

    public static string PathOf(string token) => Prefix + token;

    /// <summary>What an Edge answers: not what it was asked, as a page that repeats addresses would.</summary>
    public static string AnswerTo(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes("edge way in " + token)));
}
