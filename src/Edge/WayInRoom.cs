using System.Collections.Immutable;
using System.Net;
using Edge.Access;
using Edge.Names;
using Edge.PortMapping;
using Edge.Services;
using Microsoft.Extensions.Logging;

namespace Edge;

/// <summary>Puts the way in from outside together with the rooms that it leads to.</summary>
internal static class WayInRoom
{
    // An Edge asks once a minute where it comes from, and has itself tried when something has changed.
    private const string Questions = "30/m";
    private const string Tries = "10/m";

    public static PortMappingRoom Open(EdgeOptions options, string data, PublicAddresses outside, NamesRoom names, Func<ServiceSet> services, ILoggerFactory logs, TimeProvider time)
    {
        var rates = new RateTable(time);
        var (questions, tries) = (RateRule.Parse(Questions)!, RateRule.Parse(Tries)!);
        var setup = new PortMappingSetup
        {
            Data = data,
            Host = options.NodeHost,
            Wanted = wish => MappedPorts.Of(options, wish, services()),
            Publish = outside.Set,
            Resolve = async (host, cancel) => await names.Hosts.FindAsync(host, cancel).ConfigureAwait(false) is var (addresses, _) ? addresses : ImmutableArray<IPAddress>.Empty,
            Allows = (client, isTry) => rates.Allows(isTry ? "try" : "tell", ClientKey.Of(client), isTry ? tries : questions, out _),
            Time = time,
            Log = logs.CreateLogger<PortMappingRoom>(),
        };
        return new PortMappingRoom(setup, Wish(options));
    }

    /// <summary>What settings say of it.</summary>
    public static WayInWish Wish(EdgeOptions options) => new(options.PortMapping, options.AddressEcho, options.TellsPublicAddresses);
}
