using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Names;
using Edge.Tests.Certificates;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names;

/// <summary>What the log says of a flood.</summary>
public sealed class RateLimitReportTests
{
    [Fact]
    public void A_flood_is_told_once_a_minute_while_it_lasts()
    {
        var time = new FakeTimeProvider();
        var log = new LogLines();
        var limiter = new RateLimiter(new RateLimitOptions { Others = 10, Slip = 2 });
        using var report = new RateLimitReport(limiter, time, log);
        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(log.Lines);
        var processor = new QueryProcessor(() => null, () => new ViewSet([]), null, options: new NameserverOptions { RateLimiter = limiter, Time = time });
        var query = new Message();
        query.Questions.Add(new Question(Name.Parse("example.com."), RecordType.A));
        for (var i = 0; i < 30; i++)
        {
            processor.Process(query.ToArray(), new QueryContext(ClientAddress.From(IPAddress.Parse("203.0.113.9")), Transport.Udp), new byte[1232], out _);
        }

        time.Advance(TimeSpan.FromMinutes(5));
        Assert.Contains("held back 10 answers and cut 10 short in the last minute, lately for 203.0.113.0/24", Assert.Single(log.Lines), StringComparison.Ordinal);
    }
}
