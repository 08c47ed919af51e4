using System.Globalization;
using System.Net;

namespace Edge.PortMapping.Upnp;

/// <summary>Mappings by a UPnP InternetGatewayDevice.</summary>
internal sealed class UpnpClient : IRouterClient
{
    // How often it is looked whether mappings are still there: this protocol has nothing that says that the router forgot them.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(12);

    private readonly RouterHttp _http;
    private readonly WanConnection _connection;
    private readonly IPAddress _local;
    private readonly string _mark;
    private readonly TimeProvider _time;
    private long _looked;
    private bool _onlyPermanent;

    private UpnpClient(RouterHttp http, WanConnection connection, IPAddress local, string mark, TimeProvider time) =>
        (_http, _connection, _local, _mark, _time, _looked) = (http, connection, local, mark, time, time.GetTimestamp());

    public string Protocol => "UPnP";

    public event Action? Forgot;

    /// <summary>Looks for the device.</summary>
    /// <param name="router">The router.</param>
    /// <param name="local">Our address on the way to it.</param>
    /// <param name="mark">What tells our mappings from those of another Edge.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancel">The end.</param>
    /// <returns>Null when this router has none.</returns>
    public static async Task<UpnpClient?> FindAsync(IPAddress router, IPAddress local, string mark, TimeProvider time, CancellationToken cancel) =>
        await new SsdpSearch(router, time).FindAsync(local, cancel).ConfigureAwait(false) is { } location
            ? await OpenAsync(location, router, local, mark, time, cancel).ConfigureAwait(false)
            : null;

    /// <summary>Reads the description of the device.</summary>
    public static async Task<UpnpClient?> OpenAsync(Uri location, IPAddress router, IPAddress local, string mark, TimeProvider time, CancellationToken cancel)
    {
        var http = new RouterHttp(router);
        try
        {
            if (await http.GetAsync(location, cancel).ConfigureAwait(false) is { } text && DeviceDescription.Read(text, location, router) is { Count: > 0 } connections)
            {
                // A router may describe a connection by PPP and one without, and have one of them.
                foreach (var connection in connections)
                {
                    var client = new UpnpClient(http, connection, local, mark, time);
                    if ((await client.AskAddressAsync([], cancel).ConfigureAwait(false)).Address is not null)
                    {
                        return client;
                    }
                }

                return new UpnpClient(http, connections[0], local, mark, time);
            }
        }
        catch
        {
            http.Dispose();
            throw;
        }

        http.Dispose();
        return null;
    }

    public async Task<MapAnswer> MapAsync(WantedMapping wanted, TimeSpan lifetime, CancellationToken cancel)
    {
        // Some routers take a port from whoever has it.
        var there = await CallAsync("GetSpecificPortMappingEntry", SoapCall.OfMapping(_connection.Service, "GetSpecificPortMappingEntry", wanted), cancel).ConfigureAwait(false);
        if (!there.HasAnswered)
        {
            return MapAnswer.Silent;
        }

        if (there.IsDone && there.Of("NewInternalClient") is { } holder && !IsOurs(there))
        {
            return MapAnswer.Taken($"{holder} has it ({there.Of("NewPortMappingDescription") ?? "without a description"})");
        }

        // Ours of when this machine had another address. To whom it leads now nobody knows, and a router would call it a conflict.
        if (there.IsDone && there.Of("NewInternalClient") is { } before && before != _local.ToString())
        {
            var removal = await CallAsync("DeletePortMapping", SoapCall.OfMapping(_connection.Service, "DeletePortMapping", wanted), cancel).ConfigureAwait(false);
            if (!removal.IsDone)
            {
                return removal.HasAnswered ? MapAnswer.Taken($"it is ours, of when this machine was {before}, and the router does not let us remove it ({removal.Said}); remove it in the router's pages, or wait until it ends") : MapAnswer.Silent;
            }
        }

        var reply = await AddAsync("AddPortMapping", wanted, lifetime, cancel).ConfigureAwait(false);
        if (reply.Error is SoapReply.OnlyPermanentLeases or SoapReply.InvalidArguments && !_onlyPermanent)
        {
            var permanent = await AddAsync("AddPortMapping", wanted, TimeSpan.Zero, cancel).ConfigureAwait(false);
            (_onlyPermanent, reply) = permanent.IsDone ? (true, permanent) : (false, reply);
        }

        if (_connection.IsSecondVersion && reply.Error is { } error && error is not (SoapReply.Conflict or SoapReply.ConflictWithOther))
        {
            return await AddAnyAsync(wanted, lifetime, reply, cancel).ConfigureAwait(false);
        }

        return Judge(reply, lifetime);
    }

    public async Task<bool> RemoveAsync(WantedMapping made, CancellationToken cancel)
    {
        // What another device has got since is not ours to remove: of ours there is nothing left.
        var there = await CallAsync("GetSpecificPortMappingEntry", SoapCall.OfMapping(_connection.Service, "GetSpecificPortMappingEntry", made), cancel).ConfigureAwait(false);
        return there.Error == SoapReply.NoSuchEntry
            || (there.IsDone && !IsOurs(there))
            || (there.IsDone && (await CallAsync("DeletePortMapping", SoapCall.OfMapping(_connection.Service, "DeletePortMapping", made), cancel).ConfigureAwait(false)).IsDone);
    }

    public async Task<AddressAnswer> AskAddressAsync(IReadOnlyList<WantedMapping> made, CancellationToken cancel)
    {
        var reply = await CallAsync("GetExternalIPAddress", SoapCall.WithoutArguments(_connection.Service, "GetExternalIPAddress"), cancel).ConfigureAwait(false);
        if (reply.HasAnswered && made.Count > 0 && _time.GetElapsedTime(_looked) > LookEvery)
        {
            _looked = _time.GetTimestamp();
            await LookAsync(made, cancel).ConfigureAwait(false);
        }

        return new AddressAnswer(IPAddress.TryParse(reply.Of("NewExternalIPAddress"), out var address) && !address.Equals(IPAddress.Any) ? address : null, reply.HasAnswered);
    }

    public void Dispose() => _http.Dispose();

    private async Task LookAsync(IReadOnlyList<WantedMapping> made, CancellationToken cancel)
    {
        foreach (var mapping in made)
        {
            var there = await CallAsync("GetSpecificPortMappingEntry", SoapCall.OfMapping(_connection.Service, "GetSpecificPortMappingEntry", mapping), cancel).ConfigureAwait(false);
            if (there.Error == SoapReply.NoSuchEntry || (there.IsDone && !(IsOurs(there) && there.Of("NewInternalClient") == _local.ToString())))
            {
                Forgot?.Invoke();
                return;
            }
        }
    }

    // WANIPConnection:2 section 2.5.18: the router may give another port, where AddPortMapping would fail.
    private async Task<MapAnswer> AddAnyAsync(WantedMapping wanted, TimeSpan lifetime, SoapReply before, CancellationToken cancel)
    {
        var reply = await AddAsync("AddAnyPortMapping", wanted, lifetime, cancel).ConfigureAwait(false);
        if (!reply.IsDone)
        {
            return Judge(before, lifetime);
        }

        if (int.TryParse(reply.Of("NewReservedPort"), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port != wanted.External)
        {
            await RemoveAsync(wanted with { External = port }, cancel).ConfigureAwait(false);
            return MapAnswer.Taken($"the router offers port {port} instead");
        }

        return Judge(reply, lifetime);
    }

    private Task<SoapReply> AddAsync(string action, WantedMapping wanted, TimeSpan lifetime, CancellationToken cancel) =>
        CallAsync(action, SoapCall.AddPortMapping(_connection.Service, action, wanted, _local, _mark, _onlyPermanent ? TimeSpan.Zero : lifetime), cancel);

    private async Task<SoapReply> CallAsync(string action, string body, CancellationToken cancel) =>
        new(await _http.CallAsync(_connection.Control, _connection.Service, action, body, cancel).ConfigureAwait(false));

    private bool IsOurs(SoapReply entry) =>
        entry.Of("NewPortMappingDescription") is { } description && description.StartsWith(SoapCall.Description, StringComparison.Ordinal)
        && (description.EndsWith($"({_mark})", StringComparison.Ordinal) || entry.Of("NewInternalClient") == _local.ToString());

    private MapAnswer Judge(SoapReply reply, TimeSpan lifetime) => reply switch
    {
        { HasAnswered: false } => MapAnswer.Silent,
        { Error: null } => new MapAnswer(MapOutcome.Made) { Lifetime = _onlyPermanent ? null : lifetime },
        { Error: SoapReply.Conflict or SoapReply.ConflictWithOther } => MapAnswer.Taken($"another device has it, or the router itself: {reply.Said}"),
        { Error: SoapReply.NotAuthorized } => MapAnswer.Refused($"the router does not allow it: {reply.Said}"),
        _ => MapAnswer.Refused($"the router said {reply.Said}"),
    };
}
