using System.Net;
using Edge.Dns.Resolver;
using Edge.Dns.Resolver.Upstreams;
using Edge.Dns.Tests.Interop;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Upstreams;

/// <summary>UDP by the pump and, as on other systems, by a task for each query: both say the same.</summary>
public sealed class UdpChannelTests : IDisposable
{
    private readonly UpstreamParts _parts = new(TimeProvider.System, NullLogger.Instance);

    public void Dispose() => _parts.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Hundreds_of_questions_at_once_have_each_their_own_answer(bool pump)
    {
        using var server = new FakeUpstream(query => FakeUpstream.Reply(query, [$"{query.Questions[0].Name} 300 TXT {query.Questions[0].Name.ToString().ToLowerInvariant()}"]));
        using var upstream = Make(server.EndPoint, pump);
        for (var round = 0; round < 5; round++)
        {
            var names = Enumerable.Range(0, 150).Select(i => Name.Parse($"r{round}n{i}.example.org")).ToList();
            var answers = await Task.WhenAll(names.Select(name => Ask(upstream, name)));
            Assert.All(answers, (answer, i) => Assert.Equal(RData.Text(names[i].ToString()), answer.Message?.Answer.Single().Data));
        }

        Assert.InRange(server.UdpCount, 750, 1500);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Nobody_listens(bool pump)
    {
        using var upstream = Make(new IPEndPoint(IPAddress.Loopback, FreePorts.Next()), pump);
        Assert.Null((await Ask(upstream, Name.Parse("www.example.org"))).Message);
        Assert.True(upstream.IsDown);
    }

    [Fact]
    public async Task RFC_5452_section_9_2_ports_change_and_are_many()
    {
        using var server = new FakeUpstream(query => FakeUpstream.Reply(query, ["x.example 1 A 192.0.2.1"]));
        using var upstream = Make(server.EndPoint, pump: true);
        for (var i = 0; i < 2000; i++)
        {
            await Ask(upstream, Name.Parse($"n{i}.example.org"));
        }

        // Eight at a time, 64 questions each: 2,000 questions need 31 and more.
        Assert.InRange(server.Ports.Count, 28, 200);
    }

    private Upstream Make(IPEndPoint endPoint, bool pump) =>
        new(endPoint, Name.Root, pump ? new UdpChannel(endPoint, _parts) : new TaskUdpChannel(endPoint), null, TimeSpan.FromSeconds(10), _parts);

    private Task<OriginAnswer> Ask(Upstream upstream, Name name) =>
        new Inquiry(new UpstreamSet([upstream]), _parts, new ForwarderOptions { TotalTimeout = TimeSpan.FromSeconds(20) }, new QuestionKey(name, RecordType.TXT, 0)).RunAsync(CancellationToken.None);
}
