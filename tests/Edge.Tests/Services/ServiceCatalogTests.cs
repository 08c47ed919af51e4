using Edge.Services;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Who gets what when two want the same, and the order in which a change becomes true.</summary>
public sealed class ServiceCatalogTests
{
    private readonly StillSource _files = new(SourceKind.File);
    private readonly StillSource _api = new(SourceKind.Api);
    private readonly RecordingReader _certificates;
    private readonly RecordingReader _gateway;
    private readonly RecordingReader _names;
    private readonly ServiceCatalog _catalog;

    public ServiceCatalogTests()
    {
        // After each single step: a name that is served has its route, and a route its certificate.
        void Check(ServiceSet _)
        {
            Assert.All(_names!.Current.Services.SelectMany(service => service.Hosts), host => Assert.NotNull(_gateway!.Current.ByHost(host)));
            Assert.All(_gateway!.Current.Services.SelectMany(service => service.Hosts), host => Assert.NotNull(_certificates!.Current.ByHost(host)));
        }

        (_certificates, _gateway, _names) = (new RecordingReader(Check), new RecordingReader(Check), new RecordingReader(Check));
        _catalog = new ServiceCatalog([_files, _api], _certificates, _gateway, _names, NullLogger<ServiceCatalog>.Instance);
    }

    [Theory]
    [InlineData("no conflict", "a: a.x", "b: b.x", "a=a.x b=b.x", "")]
    [InlineData("a file has the name before a registration", "a: a.x", "a: b.x", "a=a.x", "a lost a")]
    [InlineData("a file has the host before a registration", "a: a.x", "b: a.x", "a=a.x", "b lost a.x")]
    [InlineData("losing one host keeps the others", "a: a.x", "b: a.x b.x c.x", "a=a.x b=b.x,c.x", "b lost a.x")]
    [InlineData("losing all hosts in two places", "a: a.x; b: b.x", "c: a.x b.x", "a=a.x b=b.x", "c lost a.x; c lost b.x")]
    [InlineData("within a source the earlier has it", "b: h.x; a: h.x a.x", "", "a=a.x b=h.x", "a lost h.x")]
    [InlineData("who is not in effect holds nothing", "a: a.x", "a: b.x; c: b.x", "a=a.x c=b.x", "a lost a")]
    [InlineData("who lost all hosts does not hold the name", "a: a.x", "b: a.x; b: b.x", "a=a.x b=b.x", "b lost a.x")]
    [InlineData("a wildcard and a host below it are two hosts", "a: *.x", "b: b.x", "a=*.x b=b.x", "")]
    public void Conflicts(string why, string files, string api, string inEffect, string conflicts)
    {
        Declare(_files, files);
        Declare(_api, api);

        Assert.Equal(inEffect, string.Join(' ', _catalog.Current.Services.Select(service => $"{service.Name}={string.Join(',', service.Hosts)}")));
        Assert.True(conflicts == string.Join("; ", _catalog.Current.Conflicts.Select(conflict => $"{conflict.Lost.Name} lost {conflict.What}")), why);
    }

    [Theory]
    [InlineData("other requests of one host", "a: h.x; b: h.x/api/*", "", "a=h.x b=h.x", "")]
    [InlineData("the same requests of one host", "a: h.x/api/*; b: h.x/api/*", "", "a=h.x", "b lost h.x (path /api/*)")]
    [InlineData("a registration takes nothing of a file's host", "a: h.x/api/*", "b: h.x", "a=h.x", "b lost h.x")]
    [InlineData("nor a part of it", "a: h.x", "b: h.x/api/*", "a=h.x", "b lost h.x (path /api/*)")]
    [InlineData("nor another part", "a: h.x/one/*", "b: h.x/two/*", "a=h.x", "b lost h.x (path /two/*)")]
    [InlineData("registrations of one token share", "", "a: h.x; b: h.x/api/*", "a=h.x b=h.x", "")]
    [InlineData("registrations of two tokens do not", "", "a: h.x; b@other: h.x/api/*", "a=h.x", "b lost h.x (path /api/*)")]
    public void Services_share_a_host_when_they_take_different_requests_of_it(string why, string files, string api, string inEffect, string conflicts) =>
        Conflicts(why, files, api, inEffect, conflicts);

    [Theory]
    [InlineData("a newcomer that stands earlier takes no host", "b: h.x", "a: h.x; b: h.x", "b=h.x", "a lost h.x")]
    [InlineData("it gets what nobody has", "b: h.x", "a: a.x h.x; b: h.x", "a=a.x b=h.x", "a lost h.x")]
    [InlineData("nor does one that was there already", "a: a.x; b: h.x", "a: a.x h.x; b: h.x", "a=a.x b=h.x", "a lost h.x")]
    [InlineData("a host that both want anew goes by order", "b: h.x", "a: n.x; b: h.x n.x", "a=n.x b=h.x", "b lost n.x")]
    [InlineData("what the holder gives up is free", "b: h.x", "a: h.x; b: b.x", "a=h.x b=b.x", "")]
    [InlineData("when the holder goes all is free", "b: h.x", "a: h.x", "a=h.x", "")]
    public void Within_a_source_who_has_it_keeps_it(string why, string before, string now, string inEffect, string conflicts)
    {
        Declare(_files, before);
        Conflicts(why, now, "", inEffect, conflicts);
    }

    [Theory]
    [InlineData("a host of a registration", "b: h.x", "a: h.x", "a=h.x", "b lost h.x")]
    [InlineData("the name of a registration", "b: h.x", "b: b.x", "b=b.x", "b lost b")]
    public void A_file_takes_what_a_registration_has(string why, string api, string files, string inEffect, string conflicts)
    {
        Declare(_api, api);
        Conflicts(why, files, api, inEffect, conflicts);
    }

    [Theory]
    [InlineData("file over api over docker over mdns", "f: h.x", "a: h.x", "d: h.x", "m: h.x", "f=h.x", "a lost h.x to f; d lost h.x to f; m lost h.x to f")]
    [InlineData("api over docker over mdns", "", "a: h.x", "d: h.x", "m: h.x", "a=h.x", "d lost h.x to a; m lost h.x to a")]
    [InlineData("docker over mdns", "", "", "d: h.x", "m: h.x", "d=h.x", "m lost h.x to d")]
    [InlineData("whoever is there", "", "", "", "m: h.x", "m=h.x", "")]
    [InlineData("the name as well", "", "n: a.x", "n: d.x", "n: m.x", "n=a.x", "n lost n to n; n lost n to n")]
    [InlineData("each has what no stronger one wants", "f: f.x", "a: f.x a.x", "d: a.x d.x", "m: d.x m.x", "a=a.x d=d.x f=f.x m=m.x", "a lost f.x to f; d lost a.x to a; m lost d.x to d")]
    [InlineData("a part of a host is no part for another kind", "", "a: h.x", "d: h.x/api/*", "", "a=h.x", "d lost h.x (path /api/*) to a")]
    [InlineData("containers of one engine share a host", "", "", "d: h.x; e: h.x/api/*", "", "d=h.x e=h.x", "")]
    [InlineData("those of two engines do not", "", "", "d: h.x; e@podman: h.x/api/*", "", "d=h.x", "e lost h.x (path /api/*) to d")]
    public void The_stronger_kind_has_it_in_whatever_order_they_come(string why, string files, string api, string docker, string mdns, string inEffect, string conflicts)
    {
        (SourceKind Kind, string Says)[] all = [(SourceKind.File, files), (SourceKind.Api, api), (SourceKind.Docker, docker), (SourceKind.Mdns, mdns)];
        foreach (var order in (int[][])[[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
        {
            var sources = all.Select(one => new StillSource(one.Kind)).ToArray();
            var catalog = new ServiceCatalog([.. order.Select(at => sources[at])], new RecordingReader(), new RecordingReader(), new RecordingReader(), NullLogger<ServiceCatalog>.Instance);
            foreach (var at in order)
            {
                Declare(sources[at], all[at].Says);
            }

            Assert.Equal((why, inEffect), (why, string.Join(' ', catalog.Current.Services.Select(service => $"{service.Name}={string.Join(',', service.Hosts)}"))));
            Assert.Equal(conflicts, string.Join("; ", catalog.Current.Conflicts.OrderBy(conflict => conflict.Lost.Source).Select(conflict => $"{conflict.Lost.Name} lost {conflict.What} to {conflict.Holder.Name}")));
        }
    }

    [Fact]
    public void When_the_winner_goes_the_next_one_has_it_in_the_same_step_and_each_loser_is_told_once()
    {
        StillSource[] sources = [new(SourceKind.File), new(SourceKind.Api), new(SourceKind.Docker), new(SourceKind.Mdns)];
        var (gateway, log) = (new RecordingReader(), new TypedLog<ServiceCatalog>());
        var names = new RecordingReader(set => Assert.NotNull(set.ByHost("h.x")));
        var catalog = new ServiceCatalog(sources, new RecordingReader(), gateway, names, log);
        foreach (var (source, name) in sources.Zip((string[])["f", "a", "d", "m"]))
        {
            Declare(source, $"{name}: h.x");
        }

        foreach (var (source, next) in sources.Zip((string[])["a", "d", "m"]))
        {
            gateway.All.Clear();
            Declare(source, "");
            Assert.Equal(next, catalog.Current.ByHost("h.x")!.Name);
            Assert.All(gateway.All, set => Assert.Equal(next, set.ByHost("h.x")!.Name));
        }

        Assert.Empty(catalog.Current.Conflicts);
        Assert.Equal(log.Lines.Distinct(), log.Lines);
        Assert.Contains(log.Lines, line => line.Contains("h.x belongs to service f (file 1); service a (token one) does not get it", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_stays_with_the_file_that_has_it_though_lines_shift()
    {
        var service = new Service { Name = "b", Hosts = ["old.x"], To = [new Uri("http://h")], Source = SourceKind.File, Where = "proxy-routes/b.yaml:2" };
        var (before, _) = ServiceSettlement.Settle([[service]], ServiceSet.Empty);
        var newcomer = service with { Hosts = ["new.x"], Where = "proxy-routes/a.yaml:2" };
        var shifted = service with { Where = "proxy-routes/b.yaml:9" };

        var (now, conflicts) = ServiceSettlement.Settle([[newcomer, shifted]], new ServiceSet(1, before, []));
        Assert.Equal([shifted], now);
        Assert.Equal([new ServiceConflict(newcomer, shifted, "b")], conflicts);
        Assert.Equal([newcomer], ServiceSettlement.Settle([[newcomer, shifted]], ServiceSet.Empty).Services);
    }

    [Fact]
    public void What_was_lost_comes_back_when_the_holder_goes()
    {
        Declare(_api, "b: a.x b.x");
        Declare(_files, "a: a.x");
        Assert.Equal("b.x", Assert.Single(_catalog.Current.ByName("b")!.Hosts));

        Declare(_files, "");
        Assert.Equal(["a.x", "b.x"], _catalog.Current.ByName("b")!.Hosts);
        Assert.Empty(_catalog.Current.Conflicts);
    }

    [Fact]
    public void No_name_is_ever_served_without_its_route_and_no_route_without_its_certificate()
    {
        foreach (var state in (string[])["a: a.x", "a: a.x; b: b.x", "a: c.x; b: b.x", "b: a.x b.x", "b: a.x; c: b.x d.x", "c: a.x", "", "a: *.x", "b: *.x a.x"])
        {
            Declare(_api, state);
            Assert.Equal(_catalog.Current.Services, _names.Current.Services);
            Assert.Equal(_catalog.Current.Services, _gateway.Current.Services);
            Assert.Equal(_catalog.Current.Services, _certificates.Current.Services);
        }
    }

    [Fact]
    public void A_host_that_moves_belongs_to_its_new_service_at_once_and_to_one_only()
    {
        Declare(_api, "a: a.x b.x");
        _gateway.All.Clear();
        Declare(_api, "a: a.x; b: b.x");

        Assert.Equal("b", Assert.Single(_gateway.All).ByHost("b.x")!.Name);
    }

    [Fact]
    public void What_stays_the_same_is_not_published_again()
    {
        _catalog.Publish();
        Assert.Single(_names.All);
        Declare(_api, "a: a.x");
        Declare(_api, "a: a.x");
        _catalog.Publish();
        Assert.Equal(2, _names.All.Count);
    }

    [Fact]
    public void Versions_grow()
    {
        foreach (var state in (string[])["a: a.x", "b: b.x", "a: a.x"])
        {
            Declare(_api, state);
        }

        Assert.Equal(_gateway.All.Select(set => set.Version).Distinct().Order(), _gateway.All.Select(set => set.Version));
        Assert.Equal(_catalog.Current.Version, _names.Current.Version);
    }

    [Fact]
    public void A_reader_that_throws_does_not_stop_the_others()
    {
        var (gateway, names) = (new RecordingReader(_ => throw new InvalidOperationException("mine alone")), new RecordingReader());
        var files = new StillSource(SourceKind.File);
        var catalog = new ServiceCatalog([files], new RecordingReader(), gateway, names, NullLogger<ServiceCatalog>.Instance);
        files.Declare("a: a.x");

        Assert.NotNull(names.Current.ByName("a"));
        Assert.NotNull(catalog.Current.ByName("a"));
    }

    private static void Declare(StillSource source, string services) => source.Declare(services.Split("; ", StringSplitOptions.RemoveEmptyEntries));
}
