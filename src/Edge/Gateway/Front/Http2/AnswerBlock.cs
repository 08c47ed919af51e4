using System.Text;
using Edge.Access.Oidc;
using Edge.Gateway.Straight;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway.Front.Http2;

/// <summary>What a client is answered over HTTP/2: the destination's head as the web server would write it. See <see cref="AnswerHead"/>.</summary>
internal static class AnswerBlock
{
    // The fields that are added, without the promise of HTTPS.
    private const int Added = 256;

    /// <summary>The most bytes that it may have: lengths of long fields take more than the signs that they had.</summary>
    public static int LongestOf(in ResponseHead head, string? hsts) => (3 * head.Length) + (hsts?.Length ?? 0) + Added;

    /// <summary>Writes it.</summary>
    /// <param name="head">What the destination said.</param>
    /// <param name="state">What follows.</param>
    /// <param name="request">What it answers.</param>
    /// <param name="hidesCookies">Some cookies are the gateway's own, and not the destination's to set.</param>
    /// <param name="date">The time, where the destination says none (RFC 9110 section 6.6.1).</param>
    /// <param name="writer">Where it goes.</param>
    public static void Write(in ResponseHead head, HeadState state, in FrontRequest request, bool hidesCookies, ReadOnlySpan<byte> date, ref FieldWriter writer)
    {
        writer.Status(head.Status);
        var hasDate = false;
        var rest = head.Lines;
        while (ResponseHead.NextLine(ref rest) is { IsEmpty: false } line)
        {
            ResponseHead.TrySplit(line, out var name, out var value);
            if (!IsReplaced(name, value, request.Hsts, hidesCookies) && !HeaderTexts.StaysBehind(name) && !head.IsNominated(name))
            {
                hasDate |= name.Length == 4 && Is(name, "Date"u8);
                writer.Line(name, value);
            }
        }

        if (!hasDate)
        {
            writer.Field(StaticTable.Date, date);
        }

        Length(head, state, request.IsHead, ref writer);
        writer.Line("x-request-id"u8, request.Record.Number);
        if (request.Hsts is { } hsts)
        {
            writer.Field(StaticTable.StrictTransportSecurity, hsts);
        }
    }

    // Where the frames say where the body ends nothing else does (RFC 9113 section 8.1).
    private static void Length(in ResponseHead head, HeadState state, bool answersHead, ref FieldWriter writer)
    {
        if (state.Body is BodyKind.Chunked or BodyKind.UntilClose)
        {
            return;
        }

        if (head.Status == StatusCodes.Status205ResetContent)
        {
            if (!answersHead)
            {
                writer.Number(StaticTable.ContentLength, 0);
            }
        }
        else if (head.BodyLength >= 0 && head.Status != StatusCodes.Status204NoContent)
        {
            writer.Number(StaticTable.ContentLength, head.BodyLength);
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
