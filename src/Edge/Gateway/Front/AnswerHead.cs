using System.Text;
using Edge.Access.Oidc;
using Edge.Gateway.Straight;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace Edge.Gateway.Front;

/// <summary>What a client is answered: the destination's head as the web server would write it.</summary>
internal static class AnswerHead
{
    // The lines that are added, without the promise of HTTPS.
    private const int Added = 256;

    /// <summary>The most bytes that it may have: a line of the destination's may get a space and an end that it had not.</summary>
    public static int LongestOf(in ResponseHead head, string? hsts) => (2 * head.Length) + (hsts?.Length ?? 0) + Added;

    /// <summary>Writes it.</summary>
    /// <param name="head">What the destination said.</param>
    /// <param name="state">What follows.</param>
    /// <param name="request">What it answers.</param>
    /// <param name="hidesCookies">Some cookies are the gateway's own, and not the destination's to set.</param>
    /// <param name="date">The time, where the destination says none (RFC 9110 section 6.6.1).</param>
    /// <param name="ends">The connection ends with this answer.</param>
    /// <param name="into">Where it goes.</param>
    /// <returns>How long it is.</returns>
    public static int Write(in ResponseHead head, HeadState state, in FrontRequest request, bool hidesCookies, ReadOnlySpan<byte> date, bool ends, Span<byte> into)
    {
        var writer = new HeadWriter(into);
        Status(head, ref writer);
        var hasDate = false;
        var rest = head.Lines;
        while (ResponseHead.NextLine(ref rest) is { IsEmpty: false } line)
        {
            ResponseHead.TrySplit(line, out var name, out var value);
            if (!IsReplaced(name, value, request.Hsts, hidesCookies) && !HeaderTexts.StaysBehind(name) && !head.IsNominated(name))
            {
                hasDate |= Is(name, "Date"u8);
                writer.Field(name, value);
            }
        }

        if (!hasDate)
        {
            writer.Bytes("Date: "u8);
            writer.Bytes(date);
            writer.Bytes("\r\n"u8);
        }

        Framing(head, state, request.IsHead, ref writer);
        writer.Header("X-Request-Id: "u8, request.Record.Number);
        if (request.Hsts is { } hsts)
        {
            writer.Header("Strict-Transport-Security: "u8, hsts);
        }

        writer.Bytes(ends ? "Connection: close\r\n\r\n"u8 : "\r\n"u8);
        return writer.Length;
    }

    private static void Status(in ResponseHead head, ref HeadWriter writer)
    {
        if (head.Status == StatusCodes.Status200OK && (head.Reason.IsEmpty || head.Reason.SequenceEqual("OK"u8)))
        {
            writer.Bytes("HTTP/1.1 200 OK\r\n"u8);
            return;
        }

        writer.Bytes("HTTP/1.1 "u8);
        writer.Number(head.Status);
        writer.Bytes(" "u8);
        if (head.Reason.IsEmpty)
        {
            writer.Text(ReasonPhrases.GetReasonPhrase(head.Status));
        }
        else
        {
            writer.Bytes(head.Reason);
        }

        writer.Bytes("\r\n"u8);
    }

    // RFC 9112 section 6: the body has the destination's length, or comes in chunks of our own.
    private static void Framing(in ResponseHead head, HeadState state, bool answersHead, ref HeadWriter writer)
    {
        if (state.Body is BodyKind.Chunked or BodyKind.UntilClose)
        {
            writer.Bytes("Transfer-Encoding: chunked\r\n"u8);
        }
        else if (head.Status == StatusCodes.Status205ResetContent)
        {
            writer.Bytes(answersHead ? default : "Content-Length: 0\r\n"u8);
        }
        else if (head.BodyLength >= 0 && head.Status != StatusCodes.Status204NoContent)
        {
            writer.Bytes("Content-Length: "u8);
            writer.Number(head.BodyLength);
            writer.Bytes("\r\n"u8);
        }
    }

    private static bool IsReplaced(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value, string? hsts, bool hidesCookies) => name.Length switch
    {
        10 => hidesCookies && Is(name, "Set-Cookie"u8) && LoginCookies.IsOurs(value),
        12 => Is(name, "X-Request-Id"u8),
        14 => Is(name, "Content-Length"u8),
        25 => hsts is not null && Is(name, "Strict-Transport-Security"u8),
        _ => false,
    };

    private static bool Is(ReadOnlySpan<byte> name, ReadOnlySpan<byte> other) => Ascii.EqualsIgnoreCase(name, other);
}
