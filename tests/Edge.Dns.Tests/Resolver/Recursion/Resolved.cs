using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Recursion;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Asks a resolver as the cache in front of it does, and shows what came as text.</summary>
internal static class Resolved
{
    public static Task<OriginAnswer> AskAsync(this RecursiveOrigin origin, string name, string type = "A", bool dnssecOk = false, CancellationToken deadline = default)
    {
        Assert.True(RecordText.TryParseType(type, out var number), type);
        var key = QuestionKey.LowerCase(Name.Parse(name).Wire, number, QuestionKey.Flags(dnssecOk, checkingDisabled: false));
        return origin.AskAsync(key, deadline == default ? TestContext.Current.CancellationToken : deadline).WaitAsync(TimeSpan.FromSeconds(30));
    }

    /// <summary>"RCODE" and the answers as "OWNER TYPE DATA", one per line; for a failure "FAILED" and why.</summary>
    public static string Text(this OriginAnswer answer) => answer.Message is { } message
        ? string.Join('\n', [$"{message.Rcode}".ToUpperInvariant(), .. message.Answer.Select(Line)])
        : "FAILED " + System.Text.Encoding.UTF8.GetString(answer.ExtendedError.AsSpan(6));

    public static async Task<string> TextAsync(this RecursiveOrigin origin, string name, string type = "A") => (await origin.AskAsync(name, type)).Text();

    public static string Line(ResourceRecord record)
    {
        // OWNER TTL IN TYPE DATA, without what counts down and what is always the same.
        var words = RecordText.Format(record).Split(' ', 5);
        return $"{words[0].ToLowerInvariant()} {words[3]} {words[4]}";
    }
}
