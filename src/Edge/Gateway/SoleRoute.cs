using System.Text;
using Edge.Gateway.Straight;
using Edge.Observability.Metrics;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

namespace Edge.Gateway;

/// <summary>
/// What most requests read of their route: of many routes each is cold, so it lies together in front of all else, as a base class does in
/// memory. See docs/decisions/0045-cold-hosts.md.
/// </summary>
internal abstract class SoleRoute : CountedRoute
{
    /// <summary>How many bytes of a route are these, about.</summary>
    public const int Front = 128;

    private readonly HostLetters _letters;
    private readonly byte _length;
    private object? _era;
    private ClusterDestinationsState? _sound;

    /// <param name="id">The route's name.</param>
    /// <param name="host">Its first host in the form of the table; null where that is a wildcard or any.</param>
    /// <param name="ordinary">How requests are forwarded that an answer ends.</param>
    protected SoleRoute(string id, string? host, ForwarderRequestConfig ordinary)
        : base(id)
    {
        (Host, Ordinary) = (host is null ? null : new string(host.AsSpan()), ordinary);
        if (host?.Length <= HostLetters.Most)
        {
            _length = (byte)Encoding.ASCII.GetBytes(host, _letters);
        }
    }

    /// <summary>Its first host, which mostly is the only one; null where that is a wildcard or any.</summary>
    public string? Host { get; }

    /// <summary>
    /// How its only destination is reached, once a request has shown that nothing stands between a simple request and it; null
    /// before, and for every other route.
    /// </summary>
    public StraightDestination? Sole { get; private set; }

    /// <summary>The requests at <see cref="Sole"/>.</summary>
    public DestinationLoad? SoleLoad { get; private set; }

    /// <summary>The URL of <see cref="Sole"/>.</summary>
    public string? SoleAddress { get; private set; }

    /// <summary>How requests are forwarded that an answer ends.</summary>
    public ForwarderRequestConfig Ordinary { get; }

    /// <summary>Whether <see cref="Host"/> is this one. The letters of most lie here, so that the string is not waited for.</summary>
    public bool IsFor(ReadOnlySpan<char> host) => _length > 0 ? Ascii.Equals(((ReadOnlySpan<byte>)_letters)[.._length], host) : host.SequenceEqual(Host);

    /// <summary>Whether requests go by the front, once somebody has asked.</summary>
    protected bool? KnownToGoByFront { get; set; }

    /// <summary>What its cluster said when all was well with <see cref="Sole"/>.</summary>
    protected ClusterDestinationsState? Sound => Volatile.Read(ref _sound);

    /// <summary>When all was well with it last, see <see cref="DestinationUpdates"/>.</summary>
    protected object? Era
    {
        get => Volatile.Read(ref _era);
        set => Volatile.Write(ref _era, value);
    }

    /// <summary>Takes note of the only destination.</summary>
    protected void Learn(StraightDestination sole, DestinationLoad load, string address, ClusterDestinationsState sound)
    {
        (Sole, SoleLoad, SoleAddress) = (sole, load, address);
        Volatile.Write(ref _sound, sound);
    }

    /// <summary>It is not to be used any more.</summary>
    protected void Unlearn() => Sole = null;
}
