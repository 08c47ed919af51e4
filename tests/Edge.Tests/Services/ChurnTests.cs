using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Edge.Services;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>
/// Services come and go as fast as they can while others look: no name is ever there without its route and certificate.
/// EDGE_CHURN_SECONDS=60 goes on for so long and says how many changes a second that were.
/// </summary>
public sealed class ChurnTests(ITestOutputHelper output)
{
    private const int Changes = 4000;

    // Who changes has a core of his own.
    private static readonly int Watchers = Math.Max(1, Environment.ProcessorCount - 1);
    private const string Kept = "kept.nas.example.com";

    private static readonly TimeSpan? Time =
        int.TryParse(Environment.GetEnvironmentVariable("EDGE_CHURN_SECONDS"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    // Names that changed lately. No name comes twice: what was there at two moments was there in between.
    private readonly string?[] _lately = new string?[32];
    private readonly ConcurrentQueue<string> _wrong = new();
    private volatile bool _ended;
    private int _seen;

    [Fact]
    public void No_name_is_seen_without_route_and_certificate_and_none_that_stays_is_missed()
    {
        using var house = new ChurnedHouse();
        house.Sources[0].Say("kept", [Service(SourceKind.File, "kept0", Kept)]);
        var watchers = Enumerable.Range(1, Watchers).Select(seed => new Thread(() => Watch(house, new Random(seed)))).ToList();
        watchers.ForEach(watcher => watcher.Start());
        var watch = Stopwatch.StartNew();
        var changes = 0;
        try
        {
            for (var random = new Random(7); (Time is { } time ? watch.Elapsed < time : changes < Changes) && _wrong.IsEmpty; changes++)
            {
                Change(house, random, changes);
            }
        }
        finally
        {
            _ended = true;
            watchers.ForEach(watcher => watcher.Join());
        }

        output.WriteLine($"{changes / watch.Elapsed.TotalSeconds:0} changes a second, {_seen} names looked at while they were there");
        Assert.Empty(_wrong);
        Assert.True(_seen > Watchers * 100, $"only {_seen} names were seen");
    }

    // Each group has one service at a time, and the name that is kept goes from source to source.
    private void Change(ChurnedHouse house, Random random, int at)
    {
        var kind = random.Next(house.Sources.Length);
        var source = house.Sources[kind];
        var group = $"{source.Kind} {random.Next(8)}";
        if (random.Next(10) == 0)
        {
            var (to, from) = (house.Sources[(at + 1) % house.Sources.Length], house.Sources.First(one => one.Current.Find("kept") is not null));
            if (to != from)
            {
                to.Say("kept", [Service(to.Kind, $"kept{at}", Kept)]);
                from.Say("kept", []);
            }

            return;
        }

        if (random.Next(4) == 0)
        {
            source.Say(group, []);
            return;
        }

        var host = at % 40 == 0 ? $"s{at}.other.test" : $"s{at}.nas.example.com";
        _lately[at % _lately.Length] = host;
        source.Say(group, [Service(source.Kind, $"s{at}", host) with { Expose = at % 3 == 0 ? Exposure.Lan : Exposure.Everywhere }]);
    }

    private void Watch(ChurnedHouse house, Random random)
    {
        while (!_ended)
        {
            if (!house.HasName(Kept, 0) || !house.HasName(Kept, 1) || !house.HasRoute(Kept) || !house.HasCertificate(Kept))
            {
                _wrong.Enqueue($"{Kept} was away");
            }

            if (_lately[random.Next(_lately.Length)] is not { } host)
            {
                continue;
            }

            var view = random.Next(2);
            if (!house.HasName(host, view))
            {
                continue;
            }

            Interlocked.Increment(ref _seen);
            var (route, certificate) = (house.HasRoute(host), house.HasCertificate(host));
            if (!(route && certificate) && house.HasName(host, view))
            {
                _wrong.Enqueue($"{host} has a name, {(route ? "a" : "no")} route, {(certificate ? "a" : "no")} certificate");
            }

            if (view == 1 && int.Parse(host.Split('.')[0][1..], CultureInfo.InvariantCulture) % 3 == 0)
            {
                _wrong.Enqueue($"{host} is for the LAN, and the public has its name");
            }
        }
    }

    private static Service Service(SourceKind kind, string name, string host) =>
        new() { Name = name, Hosts = [host], To = [new Uri("http://192.0.2.1")], Source = kind, Where = $"{kind.Word()} {name}" };
}
