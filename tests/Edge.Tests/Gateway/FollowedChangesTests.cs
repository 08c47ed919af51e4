using System.Collections.Immutable;
using System.Net;
using Edge.Gateway;
using Edge.Services;
using Edge.Settings;
using Edge.Tests.Services;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Tests.Gateway;

/// <summary>Files, registrations and route files change by chance: what was made change by change is what would be made at once.</summary>
public sealed class FollowedChangesTests
{
    private static readonly string[] Groups = ["one.yaml", "two.yaml", "three.yaml"];

    private readonly StillSource _files = new(SourceKind.File);
    private readonly StillSource _api = new(SourceKind.Api);
    private readonly SortedDictionary<string, YarpFile> _yarp = new(StringComparer.Ordinal);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void A_table_that_followed_every_change_decides_like_one_built_at_once(int seed)
    {
        var random = new Random(seed);
        var made = new RandomDeclarations(random);
        using var followed = Gateway();
        var routes = followed.GetRequiredService<RouteTableManager>();
        var catalog = new ServiceCatalog([_files, _api], new RecordingReader(), routes, new RecordingReader(), NullLogger<ServiceCatalog>.Instance);
        catalog.Publish();
        var settled = ServiceSet.Empty;
        for (var step = 0; step < 60; step++)
        {
            Change(random, made, routes);
            var (services, conflicts) = Settle(settled);
            settled = new ServiceSet(step, services, conflicts);
            Assert.Equal(services, catalog.Current.Services);
            Assert.Equal(conflicts.Select(Said).Order(StringComparer.Ordinal), catalog.Current.Conflicts.Select(Said).Order(StringComparer.Ordinal));
            if (step % 3 != 0)
            {
                continue;
            }

            using var provider = Gateway();
            var atOnce = provider.GetRequiredService<RouteTableManager>();
            atOnce.Apply(new ServiceSet(1, services, []));
            atOnce.Apply([.. _yarp.Values], []);
            Assert.Equal(Decisions(atOnce.Current), Decisions(routes.Current));
            Assert.Equal(atOnce.Current.Entries.Select(Said), routes.Current.Entries.Select(Said));
            Assert.Equal(atOnce.Problems.Select(problem => problem.ToString()).Order(StringComparer.Ordinal), routes.Problems.Select(problem => problem.ToString()).Order(StringComparer.Ordinal));
        }
    }

    // Until nothing changes any more, which it must come to.
    private (ImmutableArray<Service> Services, ImmutableArray<ServiceConflict> Conflicts) Settle(ServiceSet from)
    {
        for (var tries = 0; tries < 10; tries++)
        {
            var settled = ServiceSettlement.Settle([_files.Declared(), _api.Declared()], from);
            if (settled.Services.SequenceEqual(from.Services))
            {
                return settled;
            }

            from = new ServiceSet(0, settled.Services, []);
        }

        throw new InvalidOperationException("the settlement goes in a circle");
    }

    private void Change(Random random, RandomDeclarations made, RouteTableManager routes)
    {
        var group = Groups[random.Next(Groups.Length)];
        switch (random.Next(3))
        {
            case 0:
                _files.Say(group, made.Some(SourceKind.File, group));
                break;
            case 1:
                _api.Say(group, made.Some(SourceKind.Api, group));
                break;
            default:
                var problems = new ProblemList();
                _yarp[group] = YarpFileReader.Read(group, made.YarpFile(group.Split('.')[0]), problems)!;
                Assert.Empty(problems.All);
                routes.Apply([.. _yarp.Values], []);
                break;
        }
    }

    private static ServiceProvider Gateway() =>
        new ServiceCollection().AddLogging().AddGateway(new GatewayOptions { Https = [new(IPAddress.Any, 8443)] }, _ => _ => null, _ => _ => false, null).BuildServiceProvider();

    private static ImmutableArray<string> Decisions(RouteTable table) =>
    [
        .. from host in RandomDeclarations.Hosts.Select(host => host.Replace('*', 'w')).Append("elsewhere.test")
           from path in RandomDeclarations.Paths
           from isLan in (bool[])[true, false]
           select $"{host}{path} {(isLan ? "lan" : "public")}: {Said(table.Find(new Uri($"http://{host}{path}"), IPAddress.Loopback, isLan))}",
    ];

    private static string Said(RouteEntry? entry) =>
        entry is null ? "nothing" : $"{entry.Id} {entry.Where} {entry.Asks} {string.Join(',', entry.Hosts)} {string.Join(',', RouteReport.Of(entry).Destinations.Select(destination => destination.Address))}";

    private static string Said(ServiceConflict conflict) => $"{conflict.Lost.Name} {conflict.Lost.Where} lost {conflict.What} to {conflict.Holder.Name} {conflict.Holder.Where}";
}
