using Edge.Dns.Wire;

namespace Edge.Dns.Update;

/// <summary>Why an update changes nothing.</summary>
/// <param name="Rcode">What the client is told.</param>
/// <param name="Why">The reason in words, for the log and for clients that speak EDNS (RFC 8914).</param>
/// <param name="Code">The extended error that goes with it.</param>
public sealed record UpdateRefusal(Rcode Rcode, string Why, ExtendedErrorCode Code = ExtendedErrorCode.Other)
{
    /// <summary>A message that does not obey RFC 2136.</summary>
    public static UpdateRefusal Malformed(string why) => new(Rcode.FormErr, why);

    /// <summary>What the key may not, or what nobody may.</summary>
    public static UpdateRefusal Forbidden(string why) => new(Rcode.Refused, why, ExtendedErrorCode.Prohibited);
}
