using System.Collections.Immutable;
using System.Net;
using Edge.Settings;

namespace Edge.Admin;

/// <summary>The "admin" section of edge.yaml.</summary>
/// <param name="Listen">Endpoints of the API, plain HTTP; keep them on the loopback or a trusted network.</param>
internal sealed record AdminOptions(ImmutableArray<IPEndPoint> Listen)
{
    public static readonly AdminOptions Default = new([new IPEndPoint(IPAddress.Loopback, 8480)]);

    public static AdminOptions Read(MapReader section)
    {
        var listen = section.EndPoints("listen");
        section.Done();
        return new AdminOptions(listen.Count > 0 ? [.. listen] : Default.Listen);
    }

    public bool Equals(AdminOptions? other) => other is not null && Listen.SequenceEqual(other.Listen);

    public override int GetHashCode() => Listen.Length;
}
