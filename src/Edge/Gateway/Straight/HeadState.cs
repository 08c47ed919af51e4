using Microsoft.AspNetCore.Http;

namespace Edge.Gateway.Straight;

/// <summary>What is known of an answer.</summary>
/// <param name="Status">0 while its head is not there.</param>
/// <param name="Body">How its body ends.</param>
/// <param name="BodyLength">How long it is, if it says so.</param>
/// <param name="KeepsAlive">The connection may carry another request.</param>
internal readonly record struct HeadState(int Status, BodyKind Body, long BodyLength, bool KeepsAlive)
{
    /// <summary>One that has to be read with more patience.</summary>
    public static readonly HeadState Strange = new(1, BodyKind.None, 0, false);

    public bool IsStrange => this == Strange;

    /// <summary>What follows a final head: these have no body, whatever their headers say (RFC 9112 section 6.3).</summary>
    /// <param name="head">The head.</param>
    /// <param name="answersHead">It answers a HEAD.</param>
    public static HeadState Of(in ResponseHead head, bool answersHead)
    {
        if (head.Status is StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent)
        {
            // Who announces content all the same may send it.
            var announces = head.Body == BodyKind.Chunked || head.BodyLength > 0;
            return new HeadState(head.Status, BodyKind.None, 0, head.KeepsAlive && !announces);
        }

        var isEmpty = answersHead || head.Status == StatusCodes.Status304NotModified;
        return new HeadState(head.Status, isEmpty ? BodyKind.None : head.Body, head.BodyLength, head.KeepsAlive);
    }
}
