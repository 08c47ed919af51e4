using System.Security.Cryptography;
using System.Text;

namespace Edge.Dns.Resolver;

/// <summary>
/// What kept answers rest on: which keys were trusted, whether anybody looked, and who was asked for the zones with servers
/// of their own. Answers of another basis are not taken over: they would say AD, or nothing of it, for reasons that no
/// longer hold, or what others say of the zone.
/// </summary>
internal static class AnswerBasis
{
    public const int Length = SHA256.HashSizeInBytes;

    /// <summary>A digest of those options.</summary>
    public static byte[] Of(ForwarderOptions options)
    {
        var text = new StringBuilder(options.Validation is null ? "unvalidated" : options.ValidationIfAble ? "validated or marked as unjudged" : "validated");
        foreach (var anchor in options.Validation?.Anchors ?? [])
        {
            text.Append('\n').Append(anchor.Owner).Append(' ').Append(anchor.Type).Append(' ').Append(Convert.ToHexString(anchor.Data.Wire));
        }

        foreach (var negative in options.Validation?.Negative ?? [])
        {
            text.Append('\n').Append(negative.Name);
        }

        foreach (var rule in options.Forward)
        {
            text.Append('\n').Append("forward ").Append(rule.Zone).Append(' ').AppendJoin(' ', rule.Servers);
        }

        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
