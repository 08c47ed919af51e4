using Edge.Certificates;
using Edge.Services;
using Xunit;

namespace Edge.Tests.Certificates;

public sealed class CertificatePlannerTests
{
    [Theory]
    [InlineData("", "*.nas.example.com+nas.example.com!", "the box itself always")]
    [InlineData("photos.nas.example.com music.nas.example.com", "*.nas.example.com+nas.example.com!", "one wildcard for a level")]
    [InlineData("www.example.com", "*.example.com+example.com! *.nas.example.com+nas.example.com!", "a second level, a second wildcard")]
    [InlineData("example.com", "*.nas.example.com+nas.example.com! example.com!", "an apex alone needs no wildcard")]
    [InlineData("example.com www.example.com", "*.example.com+example.com! *.nas.example.com+nas.example.com!", "the wildcard's certificate names its level as well")]
    [InlineData("b.example.com x.b.example.com", "*.b.example.com+b.example.com! *.nas.example.com+nas.example.com!", "the deepest level covers its own name")]
    [InlineData("*.apps.nas.example.com", "*.apps.nas.example.com+apps.nas.example.com! *.nas.example.com+nas.example.com!", "a host that is a wildcard")]
    [InlineData("photos.other.org", "*.nas.example.com+nas.example.com! photos.other.org", "a name of a zone that is not ours: alone, by our own CA")]
    [InlineData("photos.lan", "*.nas.example.com+nas.example.com! photos.lan", "no wildcard of a top-level domain")]
    [InlineData("photos.box.home.arpa", "*.box.home.arpa+box.home.arpa *.nas.example.com+nas.example.com!", "no public CA issues for a private name, also when we serve it")]
    [InlineData("localhost", "*.nas.example.com+nas.example.com! localhost", "one label")]
    [InlineData("192.168.1.10 a..b UPPER.example.com a*.example.com", "*.nas.example.com+nas.example.com!", "what cannot stand in a certificate is left out")]
    public void Hosts_need_certificates(string hosts, string expected, string law)
    {
        var plan = CertificatePlanner.Plan("nas.example.com", hosts.Split(' ', StringSplitOptions.RemoveEmptyEntries), IsOurs);
        var actual = string.Join(' ', plan.Certificates.Select(wanted => string.Join('+', wanted.Names) + (wanted.Public ? "!" : "")));
        Assert.True(expected.Split(' ').Order().SequenceEqual(actual.Split(' ').Order()), $"{law}: {actual}");
        Assert.Equal("nas.example.com", plan.Default);
    }

    // Two threads plan: the zones have changed, and meanwhile the services are replaced.
    [Fact]
    public async Task A_plan_of_services_that_were_replaced_meanwhile_never_comes_after_the_new_one()
    {
        using var folder = new TemporaryFolder();
        var log = new LogLines();
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.com", TimeProvider.System, log);
        var manager = new CertificateManager(new CertificateFiles(folder.Path, log), authority, new CertificateSelector(), ["test"], TimeProvider.System, log);
        using var halfWay = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        Thread? slow = null;
        var planner = new CertificatePlanner("nas.example.com", host =>
        {
            if (Thread.CurrentThread == slow && !halfWay.IsSet)
            {
                halfWay.Set();
                goOn.Wait();
            }

            return IsOurs(host);
        }, manager);
        planner.Replan();
        slow = new Thread(planner.Replan);
        slow.Start();
        await Whole.Eventually.TrueAsync(() => Task.FromResult(halfWay.IsSet), () => "nothing is planned");
        var quick = new Thread(() => planner.Apply(new ServiceSet(1, [Service("www.example.com")], [])));
        quick.Start();
        await Whole.Eventually.TrueAsync(() => Task.FromResult(!quick.IsAlive || quick.ThreadState.HasFlag(ThreadState.WaitSleepJoin)), () => "the new services are neither planned nor waiting");
        goOn.Set();
        await Whole.Eventually.TrueAsync(() => Task.FromResult(!slow.IsAlive && !quick.IsAlive), () => "planning does not end");
        Assert.Contains(manager.Public(), wanted => wanted.Names.Contains("*.example.com"));
    }

    /// <summary>A service that is for the own network alone again, an alias that was taken away.</summary>
    [Fact]
    public void What_can_be_proven_no_more_serves_until_its_end_and_is_not_ordered_again()
    {
        using var folder = new TemporaryFolder();
        var (log, time, selector) = (new LogLines(), new ShiftedTime(), new CertificateSelector());
        using var authority = CertificateAuthority.Open(folder.Path, "nas.example.com", time, log);
        var manager = new CertificateManager(new CertificateFiles(folder.Path, log), authority, selector, ["test"], time, log);
        var planner = new CertificatePlanner("nas.example.com", IsOurs, manager) { ProvesExposedHosts = true, IsHeld = manager.HoldsPublic };
        planner.Apply(new ServiceSet(1, [Service("www.other.org") with { Expose = Exposure.Everywhere }], []));
        manager.Obtained(Assert.Single(manager.Jobs(), OfOther), "test", authority.Issue(["www.other.org"]));
        planner.Apply(new ServiceSet(2, [Service("www.other.org") with { Expose = Exposure.Lan }], []));

        // 1. It serves on and is seen, and nobody orders it, by command neither.
        Assert.Equal("test", selector.Select("www.other.org")!.Issuer);
        Assert.DoesNotContain(manager.Jobs(), OfOther);
        Assert.Null(manager.Force("www.other.org"));
        Assert.Equal((CertificateState.Serving, null), (Status().State, Status().Reason));

        // 2. When it would be renewed it is told that it is not; 3. after its end our own CA serves.
        time.Jump(selector.Select("www.other.org")!.RenewAt - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        planner.Replan();
        Assert.DoesNotContain(manager.Jobs(), OfOther);
        Assert.Contains("not renewed", Status().Reason);
        time.Jump(Status().NotAfter!.Value - time.GetUtcNow() + TimeSpan.FromMinutes(1));
        planner.Replan();
        Assert.Equal(CertificateId.Internal, selector.Select("www.other.org")!.Issuer);

        // 4. Open to everybody again, it is ordered again.
        planner.Apply(new ServiceSet(3, [Service("www.other.org") with { Expose = Exposure.Everywhere }], []));
        Assert.Single(manager.Jobs(), OfOther);

        static bool OfOther(RenewalJob job) => job.Names[0] == "www.other.org";

        CertificateStatus Status() => Assert.Single(manager.Status(), status => status.Names[0] == "www.other.org" && status.Issuer == "test");
    }

    [Fact]
    public void Without_a_zone_of_ours_the_box_has_its_wildcard_from_our_own_CA()
    {
        var plan = CertificatePlanner.Plan("nas.example.com", ["photos.nas.example.com"], _ => false);
        var wanted = Assert.Single(plan.Certificates);
        Assert.Equal(["*.nas.example.com", "nas.example.com"], wanted.Names);
        Assert.False(wanted.Public);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Levels_that_followed_every_host_are_those_of_all_hosts_weighed_at_once(int seed)
    {
        var random = new Random(seed);
        string[] pool = ["example.com", "b.example.com", "x.b.example.com", "y.b.example.com", "*.b.example.com", "z.x.b.example.com", "nas.example.com", "p.nas.example.com", "other.org", "a.other.org", "*.other.org", "c.a.other.org", "localhost", "q.box.home.arpa"];
        var (levels, hosts) = (new CertificateLevels("nas.example.com", IsOurs), new HashSet<string> { "nas.example.com" });
        levels.Add("nas.example.com");
        for (var step = 0; step < 500; step++)
        {
            var host = pool[random.Next(pool.Length)];
            if (hosts.Add(host))
            {
                levels.Add(host);
            }
            else if (host != "nas.example.com" && hosts.Remove(host))
            {
                levels.Remove(host);
            }

            Assert.Equal(Weighed(hosts), string.Join(' ', levels.Levels.Concat(levels.Singles)));
        }
    }

    [Fact]
    public void What_was_asked_about_hosts_that_are_gone_is_forgotten()
    {
        var asked = 0;
        var levels = new CertificateLevels("nas.example.com", host =>
        {
            asked++;
            return IsOurs(host);
        });
        levels.Add("nas.example.com");
        for (var i = 0; i < 500; i++)
        {
            levels.Add($"a.x{i}.example.com");
            levels.Remove($"a.x{i}.example.com");
        }

        asked = 0;
        Assert.True(levels.StillHolds);
        Assert.InRange(asked, 1, 3);
    }

    // From the deepest host up, each once.
    private static string Weighed(IEnumerable<string> hosts)
    {
        var (levels, single) = (new SortedSet<string>(StringComparer.Ordinal) { "nas.example.com" }, new SortedSet<string>(StringComparer.Ordinal));
        foreach (var host in hosts.OrderByDescending(host => host.Count(c => c == '.')).ThenBy(host => host, StringComparer.Ordinal))
        {
            var parent = host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];
            if (!levels.Contains(host) && !levels.Contains(parent))
            {
                _ = (parent.Contains('.', StringComparison.Ordinal) && IsOurs(parent)) || host[0] == '*' ? levels.Add(parent) : single.Add(host);
            }
        }

        return string.Join(' ', levels.Concat(single.Where(host => !levels.Contains(host))));
    }

    private static bool IsOurs(string host) => host == "example.com" || host.EndsWith(".example.com", StringComparison.Ordinal) || host.EndsWith("home.arpa", StringComparison.Ordinal);

    private static Service Service(string host) => new() { Name = "www", Hosts = [host], To = [new Uri("http://192.0.2.1")], Source = SourceKind.File, Where = "test" };
}
