using System.Text;

namespace Edge.Gateway.Straight;

/// <summary>A destination that is reached by plain HTTP, or one that is not.</summary>
internal sealed class StraightDestination
{
    public static readonly StraightDestination None = new(null, []);

    public StraightDestination(StraightConnections? connections, byte[] pathPrefix) => (Connections, PathPrefix) = (connections, pathPrefix);

    /// <summary>The connections to it, which it shares with all destinations of the same host and port; null when it is not plain HTTP.</summary>
    public StraightConnections? Connections { get; }

    /// <summary>It has written an answer that only YARP's forwarder reads, and may do so again.</summary>
    public bool AnswersStrangely { get; set; }

    /// <summary>What stands before the path of each request, without a slash at its end.</summary>
    public byte[] PathPrefix { get; }

    /// <param name="address">Its URL.</param>
    /// <param name="connections">The connections to a host and port.</param>
    public static StraightDestination Of(string address, Func<string, int, StraightConnections> connections) =>
        Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp && uri.Query.Length == 0 && uri.UserInfo.Length == 0
            ? new StraightDestination(connections(uri.IdnHost.Trim('[', ']'), uri.Port), Prefix(uri.AbsolutePath))
            : None;

    // Nearly all have none, and the same nothing then.
    private static byte[] Prefix(string path) => path.Length < 2 ? [] : Encoding.ASCII.GetBytes(path.EndsWith('/') ? path[..^1] : path);
}
