using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>What the resolver's answer says about the addresses of an ALIAS target.</summary>
public sealed class AliasTargetsTests
{
    [Theory]
    [InlineData("addresses", Rcode.NoError, "t.test. 300 IN A 192.0.2.1|t.test. 200 IN A 192.0.2.2", "", "200 192.0.2.1,192.0.2.2")]
    [InlineData("the smallest TTL of a chain", Rcode.NoError, "T.test. 50 IN CNAME u.test.|u.test. 300 IN A 192.0.2.1", "", "50 192.0.2.1")]
    [InlineData("an address of another name is none", Rcode.NoError, "x.test. 300 IN A 192.0.2.1", "", "30 ")]
    [InlineData("no data: as long as the SOA says", Rcode.NoError, "", "test. 900 IN SOA a. b. 1 2 3 4 120", "120 ")]
    [InlineData("no such name", Rcode.NxDomain, "", "test. 60 IN SOA a. b. 1 2 3 4 120", "60 ")]
    [InlineData("no data without a SOA", Rcode.NoError, "", "", "30 ")]
    [InlineData("a chain that ends nowhere", Rcode.NoError, "t.test. 50 IN CNAME u.test.", "test. 900 IN SOA a. b. 1 2 3 4 120", "50 ")]
    [InlineData("a circle", Rcode.NoError, "t.test. 50 IN CNAME u.test.|u.test. 50 IN CNAME t.test.", "", null)]
    [InlineData("a failure", Rcode.ServFail, "", "", null)]
    [InlineData("a refusal", Rcode.Refused, "t.test. 300 IN A 192.0.2.1", "", null)]
    public async Task An_answer_with(string rule, Rcode rcode, string answer, string authority, string? known)
    {
        var found = await AliasTargets.AskAsync(new Answering(rcode, answer, authority), Name.Parse("t.test."), RecordType.A, TestContext.Current.CancellationToken);
        Assert.Equal((rule, known), (rule, found is null ? null : $"{found.Ttl} {string.Join(',', found.Data.Select(data => new IPAddress(data.Wire)))}"));
    }

    private sealed class Answering(Rcode rcode, string answer, string authority) : IRecursor
    {
        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> to, int limit, out int length, QueryNotes? notes = null)
        {
            length = 0;
            return false;
        }

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> to, int limit, CancellationToken cancel, QueryNotes? notes = null)
        {
            Assert.True(Message.TryParse(query.Span, out var message, out _));
            Assert.True(message.Flags.HasFlag(MessageFlags.RecursionDesired));
            message.Flags |= MessageFlags.Response;
            message.Rcode = rcode;
            message.Answer.AddRange(Records(answer));
            message.Authority.AddRange(Records(authority));
            return ValueTask.FromResult(message.Write(to.Span[..limit]));
        }

        private static IEnumerable<ResourceRecord> Records(string lines) => lines.Split('|', StringSplitOptions.RemoveEmptyEntries).Select(line => RecordText.Parse(line));
    }
}
