using System.Collections.Immutable;
using System.Net;
using Edge.Certificates;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Tests.Certificates.Acme;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>A CA may ask any server of a zone: it is told when all of them have the answer.</summary>
public sealed class SecondaryServersTests : IDisposable
{
    private static readonly ChallengeRecord Record = new(Name.Parse("_acme-challenge.nas.example.test"), "the-text");
    private static readonly IPEndPoint First = new(IPAddress.Parse("192.0.2.53"), 53);
    private static readonly IPEndPoint Second = new(IPAddress.Parse("198.51.100.53"), 53);
    private static readonly IPEndPoint Named = new(IPAddress.Loopback, 53);

    private readonly ZoneManager _zones = new([new ExampleZone()], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
    private readonly ImpatientTime _time = new(DateTimeOffset.UtcNow);
    private readonly LogLines _log = new();
    private readonly List<IPEndPoint> _asked = [];

    [Fact]
    public async Task A_zone_without_secondaries_waits_for_nobody()
    {
        Assert.Null(await WhyNotAsync((_, _) => null, []));
        Assert.Empty(_asked);
    }

    [Fact]
    public async Task It_is_waited_until_the_last_one_has_the_answer()
    {
        Assert.Null(await WhyNotAsync((server, times) => Answer(Rcode.NoError, has: server.Equals(First) || times >= 10)));
        Assert.Equal((1, 10), (_asked.Count(First.Equals), _asked.Count(Second.Equals)));
    }

    [Theory]
    [InlineData(Rcode.NoError)]
    [InlineData(Rcode.NxDomain)]
    public async Task One_of_the_zones_name_servers_that_never_has_it_is_told_instead_of_the_CA(Rcode rcode) =>
        Assert.Contains("127.0.0.1:53", await WhyNotAsync((server, _) => Answer(server.Equals(First) ? Rcode.NoError : rcode, has: server.Equals(First)), [First, Named]));

    /// <summary>A copy for the box next door that lags is no reason to go without a certificate: no CA asks it.</summary>
    [Theory]
    [InlineData(Rcode.NoError)]
    [InlineData(Rcode.NxDomain)]
    public async Task One_that_no_NS_record_names_is_waited_for_and_then_left(Rcode rcode)
    {
        Assert.Null(await WhyNotAsync((server, _) => Answer(server.Equals(First) ? Rcode.NoError : rcode, has: server.Equals(First))));
        Assert.Single(_log.Lines, line => line.Contains(" 4147 ") && line.Contains("198.51.100.53"));
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData(Rcode.Refused, true)]
    [InlineData(Rcode.ServFail, true)]
    [InlineData(Rcode.NoError, false)]
    public async Task One_that_does_not_answer_for_the_zone_holds_nobody_up_and_is_told(Rcode? rcode, bool authoritative)
    {
        Assert.Null(await WhyNotAsync((server, _) => server.Equals(First) ? Answer(Rcode.NoError, has: true) : rcode is { } said ? Answer(said, has: false, authoritative) : null));
        Assert.Single(_log.Lines, line => line.Contains(" 4146 ") && line.Contains("198.51.100.53"));
        Assert.Equal(3, _asked.Count(Second.Equals));
    }

    /// <summary>The question as it is sent, by our own name server in the place of a secondary.</summary>
    [Fact]
    public async Task A_real_server_is_asked_for_what_it_has()
    {
        var records = new ChallengeRecords();
        using var zones = new ZoneManager([new ExampleZone(), records], ["public"], NullLogger.Instance, TimeProvider.System);
        await using var dns = Edge.Dns.Listeners.DnsListeners.Bind(
            [new IPEndPoint(IPAddress.Loopback, 0)], new Edge.Dns.Nameserver.QueryProcessor(() => zones.Current, () => new Edge.Dns.Views.ViewSet([]), null), new Edge.Dns.Listeners.ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        dns.Start();
        var servers = new SecondaryServers(new OwnZones(() => zones.Current), _ => [dns.EndPoints[0]], ServerQuestion.TextsAsync, _time, _log);
        Assert.Contains(dns.EndPoints[0].ToString(), await servers.WhyNotServedAsync(Record, TestContext.Current.CancellationToken));
        using (records.Present([Record]))
        {
            Assert.Null(await servers.WhyNotServedAsync(Record, TestContext.Current.CancellationToken));
        }

        Assert.Empty(_log.Lines);
        await dns.StopAsync();
    }

    /// <summary>Many orders at once, or a zone that is signed: an answer that is cut off says nothing about what is missing.</summary>
    [Fact]
    public async Task What_does_not_fit_into_a_datagram_is_asked_for_again_over_TCP()
    {
        var records = new ChallengeRecords();
        using var zones = new ZoneManager([new ExampleZone(), records], ["public"], NullLogger.Instance, TimeProvider.System);
        await using var dns = Edge.Dns.Listeners.DnsListeners.Bind(
            [new IPEndPoint(IPAddress.Loopback, 0)], new Edge.Dns.Nameserver.QueryProcessor(() => zones.Current, () => new Edge.Dns.Views.ViewSet([]), null), new Edge.Dns.Listeners.ListenerOptions(), TimeProvider.System, NullLoggerFactory.Instance);
        dns.Start();
        using (records.Present([.. Enumerable.Range(0, 60).Select(number => Record with { Text = $"the text of the order {number:D30}" })]))
        {
            var answer = await ServerQuestion.TextsAsync(dns.EndPoints[0], Record.Owner, TestContext.Current.CancellationToken);
            Assert.Equal(60, answer!.Answer.Count);
        }

        await dns.StopAsync();
    }

    public void Dispose() => _zones.Dispose();

    private Task<string?> WhyNotAsync(Func<IPEndPoint, int, Message?> answers, ImmutableArray<IPEndPoint>? servers = null) =>
        new SecondaryServers(
            new OwnZones(() => _zones.Current),
            zone => zone == Name.Parse("example.test") ? servers ?? [First, Second] : [],
            (server, _, _) =>
            {
                lock (_asked)
                {
                    _asked.Add(server);
                    return Task.FromResult(answers(server, _asked.Count(server.Equals)));
                }
            },
            _time,
            _log).WhyNotServedAsync(Record, TestContext.Current.CancellationToken);

    private static Message Answer(Rcode rcode, bool has, bool authoritative = true)
    {
        var message = new Message { Flags = MessageFlags.Response | (authoritative ? MessageFlags.Authoritative : 0), Rcode = rcode };
        if (has)
        {
            message.Answer.Add(new ResourceRecord(Record.Owner, RecordType.TXT, 1, RData.Text(Record.Text)));
        }

        return message;
    }
}
