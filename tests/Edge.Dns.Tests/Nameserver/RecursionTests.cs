using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Queries;
using Edge.Dns.Resolver;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Nameserver;

/// <summary>Where our zones end: who may have the rest resolved, and what is made of it.</summary>
public sealed class RecursionTests
{
    private const string Zone = """
        $ORIGIN example.com.
        $TTL 300
        @         SOA   ns hostmaster 1 7200 900 1209600 300
        @         NS    ns
        ns        A     192.0.2.53
        out       CNAME cdn.elsewhere.org.
        inside    CNAME out
        sub       NS    ns.elsewhere.org.
        to-sub    CNAME www.sub
        """;

    private static readonly TestNameserver Server = TestNameserver.With(new Upstream(), ("example.com.", Zone));

    [Theory]
    [InlineData("www.elsewhere.org.", "www.elsewhere.org. A")]
    [InlineData("out.example.com.", "out.example.com. CNAME, cdn.elsewhere.org. A")]
    [InlineData("inside.example.com.", "inside.example.com. CNAME, out.example.com. CNAME, cdn.elsewhere.org. A")]
    [InlineData("www.sub.example.com.", "www.sub.example.com. A")]
    [InlineData("to-sub.example.com.", "to-sub.example.com. CNAME, www.sub.example.com. A")]
    public async Task A_client_who_may_recurse_gets_the_whole_answer(string name, string expected)
    {
        var query = TestNameserver.Query(name, "A", new Edns(1232), MessageFlags.RecursionDesired);
        var context = new QueryContext(TestNameserver.LanClient, Transport.Udp);
        var answer = new byte[1232];
        Assert.Equal(QueryOutcome.Deferred, Server.Processor.Process(query, context, answer, out _));
        var length = await Server.Processor.ResolveAsync(query, context, answer, TestContext.Current.CancellationToken);
        var message = TestNameserver.Read(answer[..length]);
        Assert.Equal(expected, string.Join(", ", message.Answer.Select(record => $"{record.Owner} {record.Type}")));
        Assert.Equal(0x1234, message.Id);
        Assert.Equal(Name.Parse(name), message.Questions.Single().Name);
        Assert.True(message.Flags.HasFlag(MessageFlags.RecursionAvailable | MessageFlags.RecursionDesired));
        Assert.NotNull(message.Edns);
    }

    [Theory]
    [InlineData("www.elsewhere.org.")]
    [InlineData("www.sub.example.com.")]
    public async Task A_name_that_is_not_ours_takes_no_room_for_an_answer_of_ours(string name)
    {
        var server = TestNameserver.With(new EmptyUpstream(), ("example.com.", Zone));
        var query = TestNameserver.Query(name, "A", new Edns(1232), MessageFlags.RecursionDesired);
        var context = new QueryContext(TestNameserver.LanClient, Transport.Udp);
        var answer = new byte[1232];
        var before = 0L;
        for (var i = 0; i < 11; i++)
        {
            before = i == 1 ? GC.GetAllocatedBytesForCurrentThread() : before;
            var resolved = server.Processor.ResolveAsync(query, context, answer, TestContext.Current.CancellationToken);
            Assert.True(resolved.IsCompletedSuccessfully);
            Assert.Equal(12, await resolved);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 * 4096);
    }

    [Fact]
    public async Task RFC_6604_3_the_code_is_that_of_the_last_name_even_when_another_server_gives_it()
    {
        var server = TestNameserver.With(new Upstream(Rcode.NxDomain), ("example.com.", Zone));
        var query = TestNameserver.Query("out.example.com.", "A", flags: MessageFlags.RecursionDesired);
        var answer = new byte[1232];
        var length = await server.Processor.ResolveAsync(
            query, new QueryContext(TestNameserver.LanClient, Transport.Udp), answer, TestContext.Current.CancellationToken);
        var message = TestNameserver.Read(answer[..length]);
        Assert.Equal(Rcode.NxDomain, message.Rcode);
        Assert.Null(message.Edns);
        Assert.Equal(RecordType.CNAME, message.Answer.First().Type);
    }

    [Fact]
    public void Our_own_names_are_answered_at_once_with_RA()
    {
        var message = Server.Ask("ns.example.com.", "A", flags: MessageFlags.RecursionDesired, client: TestNameserver.LanClient);
        Assert.True(message.Flags.HasFlag(MessageFlags.RecursionAvailable | MessageFlags.Authoritative));
    }

    [Fact]
    public void Who_does_not_ask_for_recursion_gets_none()
    {
        Assert.Equal(Rcode.Refused, Server.Ask("www.elsewhere.org.", "A", client: TestNameserver.LanClient).Rcode);
        Assert.Single(Server.Ask("out.example.com.", "A", client: TestNameserver.LanClient).Answer);
        Assert.Single(Server.Ask("www.sub.example.com.", "A", client: TestNameserver.LanClient).Authority);
    }

    [Fact]
    public void The_public_is_refused_and_told_that_there_is_no_recursion()
    {
        var message = Server.Ask("www.elsewhere.org.", "A", flags: MessageFlags.RecursionDesired);
        Assert.Equal(Rcode.Refused, message.Rcode);
        Assert.False(message.Flags.HasFlag(MessageFlags.RecursionAvailable));
    }

    [Fact]
    public void Each_view_has_its_own_zone()
    {
        var server = TestNameserver.WithViews(
            ("example.com.", Zone + "\nnas A 192.168.1.10"), ("example.com.", Zone + "\nnas A 203.0.113.10"));
        Assert.Equal(RData.Address(IPAddress.Parse("192.168.1.10")), server.Ask("nas.example.com.", "A", client: TestNameserver.LanClient).Answer.Single().Data);
        Assert.Equal(RData.Address(IPAddress.Parse("203.0.113.10")), server.Ask("nas.example.com.", "A").Answer.Single().Data);
    }

    private sealed class EmptyUpstream : IRecursor
    {
        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null) => throw new NotSupportedException();

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null) => ValueTask.FromResult(12);
    }

    private sealed class Upstream(Rcode rcode = Rcode.NoError) : IRecursor
    {
        public bool TryAnswerFromCache(ReadOnlySpan<byte> query, Span<byte> answer, int limit, out int length, QueryNotes? notes = null)
        {
            length = 0;
            return false;
        }

        public ValueTask<int> ResolveAsync(ReadOnlyMemory<byte> query, Memory<byte> answer, int limit, CancellationToken cancel, QueryNotes? notes = null)
        {
            Assert.True(Message.TryParse(query.Span, out var message, out _));
            message.Flags |= MessageFlags.Response | MessageFlags.RecursionAvailable;
            message.Rcode = rcode;
            if (rcode == Rcode.NoError)
            {
                message.Answer.Add(new ResourceRecord(message.Questions[0].Name, RecordType.A, 60, RData.Address(IPAddress.Parse("203.0.113.1"))));
            }

            return ValueTask.FromResult(message.Write(answer.Span[..limit]));
        }
    }
}
