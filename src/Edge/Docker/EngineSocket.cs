using System.Net.Sockets;

namespace Edge.Docker;

/// <summary>Why there is no engine behind a socket, in words for a person.</summary>
internal static class EngineSocket
{
    public static string Words(SocketException wrong, string path) => wrong.SocketErrorCode switch
    {
        SocketError.AccessDenied => $"may not be opened: let the user that Edge runs as be in the group of {path}",
        SocketError.ConnectionRefused => "has nobody behind it",
        _ when !File.Exists(path) => "is not there",
        _ => $"does not answer: {wrong.Message}",
    };

    /// <summary>Tries whether this user may open it and whether somebody listens there; null when that is so.</summary>
    public static string? Problem(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            return null;
        }
        catch (SocketException wrong)
        {
            return Words(wrong, path);
        }
    }
}
