using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>What the records of a transfer are, and which are none (RFC 5936 §2.2, RFC 1995 §4). S10 is a SOA; | begins a new message.</summary>
public sealed class IncomingTransferTests
{
    [Theory]
    [InlineData("a whole zone", null, "S10 a b S10", "whole 10: 3")]
    [InlineData("a whole zone in many messages", null, "S10 | a | b | S10", "whole 10: 3")]
    [InlineData("a zone of nothing but its SOA", null, "S10 S10", "whole 10: 1")]
    [InlineData("names of other zones are left out", null, "S10 a x.other b S10", "whole 10: 3")]
    [InlineData("changes", 8u, "S10 S8 a S10 b S10", "changes 10: -2+2")]
    [InlineData("two changes", 8u, "S10 S8 a S9 b S9 b S10 c d S10", "changes 10: -2+2 -2+3")]
    [InlineData("changes over message borders", 8u, "S10 | S8 a | S9 | b S9 b | S10 c d | S10", "changes 10: -2+2 -2+3")]
    [InlineData("only the serial changes", 8u, "S10 S8 S10 S10", "changes 10: -1+1")]
    [InlineData("the zone instead of changes", 8u, "S10 a b S10", "whole 10: 3")]
    [InlineData("the zone instead of changes, one record a message", 8u, "S10 | a | S10", "whole 10: 2")]
    [InlineData("nothing new", 10u, "S10", "nothing 10")]
    [InlineData("the primary is behind", 11u, "S10", "nothing 10")]
    [InlineData("another serial at the end", null, "S10 a S11", "it ends with another serial than it began with")]
    [InlineData("no SOA at the begin", null, "a S10", "it begins with a.example.com. A and not with the SOA of example.com.")]
    [InlineData("records behind the end", null, "S10 a S10 b", "records after the last SOA")]
    [InlineData("changes with a gap", 7u, "S10 S7 a S8 b S9 c S10 d S10", "changes that do not follow each other")]
    [InlineData("it breaks off", null, "S10 a b", "unfinished")]
    [InlineData("an empty message", null, "S10 | | S10", "an empty answer")]
    public void Records(string rule, uint? held, string records, string expected)
    {
        var transfer = new IncomingTransfer(Name.Parse("example.com."), held);
        string told;
        try
        {
            foreach (var message in records.Split('|'))
            {
                transfer.Take(MessageOf(message));
            }

            told = !transfer.Done ? "unfinished"
                : transfer.UpToDate ? $"nothing {transfer.Serial}"
                : transfer.Changes.Count > 0 ? $"changes {transfer.Serial}: {string.Join(' ', transfer.Changes.Select(change => $"-{change.Removed.Length}+{change.Added.Length}"))}"
                : $"whole {transfer.Serial}: {transfer.Whole.Length}";
        }
        catch (TransferException problem)
        {
            told = problem.Message;
        }

        Assert.Equal((rule, expected), (rule, told));
    }

    private static Message MessageOf(string records)
    {
        var message = new Message { Flags = MessageFlags.Response };
        message.Answer.AddRange(records.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(word => word[0] == 'S'
            ? RecordText.Parse($"example.com. 300 IN SOA ns.example.com. h.example.com. {word[1..]} 1 1 1 1")
            : RecordText.Parse($"{word}.{(word.Contains('.', StringComparison.Ordinal) ? "" : "example.com.")} 300 IN A 192.0.2.1")));
        return message;
    }
}
