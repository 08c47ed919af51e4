using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Edge.Dns.Views;

/// <summary>
/// The networks this machine is attached to, followed as they change. "LAN" is not RFC 1918: home clients have
/// global IPv6 addresses, overlays bring 100.64/10 and unique-local prefixes, and all of them are on-link.
/// </summary>
public sealed partial class OnLinkPrefixes : IDisposable
{
    // The kernel's events are the fast way; the poll mends what they miss (a netlink buffer that overflowed, a
    // container whose interfaces came before us). Half a minute costs nothing and is forgotten sooner than a ticket.
    private static readonly TimeSpan PollEvery = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly Func<ImmutableArray<OnLinkPrefix>> _read;
    private readonly ILogger _log;
    private readonly ITimer _poll;
    private volatile Snapshot _current;

    /// <summary>Starts to follow the interfaces.</summary>
    public OnLinkPrefixes(TimeProvider? time = null, ILogger<OnLinkPrefixes>? log = null)
        : this(Read, time ?? TimeProvider.System, log)
    {
    }

    internal OnLinkPrefixes(Func<ImmutableArray<OnLinkPrefix>> read, TimeProvider time, ILogger<OnLinkPrefixes>? log = null)
    {
        _read = read;
        _log = log ?? NullLogger<OnLinkPrefixes>.Instance;
        _current = new Snapshot(ReadOr([]));
        NetworkChange.NetworkAddressChanged += OnAddressChanged;
        _poll = time.CreateTimer(_ => Refresh(), null, PollEvery, PollEvery);
    }

    /// <summary>Raised after <see cref="Current"/> was replaced.</summary>
    public event Action? Changed;

    /// <summary>The prefixes now, sorted; each network once.</summary>
    public ImmutableArray<OnLinkPrefix> Current => _current.Prefixes;

    /// <summary>Reads the interfaces once.</summary>
    /// <returns>Every network with an address of ours in it, of interfaces that are not down; loopback as 127.0.0.0/8 and ::1/128.</returns>
    /// <exception cref="NetworkInformationException">The system does not tell.</exception>
    public static ImmutableArray<OnLinkPrefix> Read()
    {
        var found = new List<OnLinkPrefix>
        {
            // RFC 1122 §3.2.1.3: all of 127/8 is this host, even where the interface is configured as something narrower.
            new(new IPNetwork(new IPAddress([127, 0, 0, 0]), 8), "lo"),
            new(new IPNetwork(IPAddress.IPv6Loopback, 128), "lo"),
        };
        foreach (var nic in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (nic.OperationalStatus is OperationalStatus.Down or OperationalStatus.NotPresent)
            {
                continue;
            }

            foreach (var unicast in nic.GetIPProperties().UnicastAddresses)
            {
                // A prefix length of 0 comes from odd point-to-point set-ups and would make the whole internet "lan".
                if (unicast.PrefixLength > 0)
                {
                    found.Add(new OnLinkPrefix(Network(unicast.Address.GetAddressBytes(), unicast.PrefixLength), nic.Name));
                }
            }
        }

        return [.. found.DistinctBy(p => p.Network).OrderBy(p => p.Network.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>Reads the interfaces now instead of at the next event.</summary>
    public void Refresh()
    {
        lock (_gate)
        {
            var now = ReadOr(_current.Prefixes);
            if (now.SequenceEqual(_current.Prefixes))
            {
                return;
            }

            _current = new Snapshot(now);
            Log.PrefixesChanged(_log, string.Join(", ", now.Select(p => $"{p.Network} ({p.Interface})")));
        }

        Changed?.Invoke();
    }

    /// <summary>Stops following.</summary>
    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= OnAddressChanged;
        _poll.Dispose();
    }

    /// <summary>The network of an address in network order, bits beyond the prefix cleared.</summary>
    internal static IPNetwork Network(byte[] address, int length)
    {
        for (var i = 0; i < address.Length; i++)
        {
            var bits = Math.Clamp(length - i * 8, 0, 8);
            address[i] &= (byte)(0xFF << (8 - bits));
        }

        return new IPNetwork(new IPAddress(address), length);
    }

    private void OnAddressChanged(object? sender, EventArgs e) => Refresh();

    private ImmutableArray<OnLinkPrefix> ReadOr(ImmutableArray<OnLinkPrefix> otherwise)
    {
        try
        {
            return _read();
        }
        catch (Exception error)
        {
            // An interface may vanish between listing and asking for it; what was known stays until the next look.
            Log.ReadFailed(_log, error);
            return otherwise;
        }
    }

    private sealed record Snapshot(ImmutableArray<OnLinkPrefix> Prefixes);

    private static partial class Log
    {
        [LoggerMessage(1390, LogLevel.Information, "On-link networks are now {Prefixes}")]
        public static partial void PrefixesChanged(ILogger logger, string prefixes);

        [LoggerMessage(1391, LogLevel.Warning, "The network interfaces could not be read; the networks known before are kept")]
        public static partial void ReadFailed(ILogger logger, Exception error);
    }
}
