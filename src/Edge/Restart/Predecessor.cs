using System.Globalization;
using System.IO.Pipes;
using Edge.Connections;
using Microsoft.Win32.SafeHandles;

namespace Edge.Restart;

/// <summary>The Edge that started this one to take its place: it has left its sockets, and is told how far this one is.</summary>
internal sealed class Predecessor : IDisposable
{
    /// <summary>Both ends of the pipe to the predecessor, and then the sockets, as numbers.</summary>
    public const string Variable = "EDGE_SUCCEEDS";

    /// <summary>Stands before the number of a socket that came from a .socket unit. An Edge that does not know of it reads a number all the same.</summary>
    public const char OfUnit = '+';

    /// <summary>What is said when everything is ready that can be without the data folder.</summary>
    public const byte Waiting = (byte)'w';

    /// <summary>What is said when clients are served.</summary>
    public const byte Serving = (byte)'s';

    private readonly AnonymousPipeClientStream _pipe;

    private readonly HashSet<int> _ofUnits;

    private Predecessor(string pipe, IReadOnlyList<string> descriptors)
    {
        _pipe = new AnonymousPipeClientStream(PipeDirection.Out, pipe);
        (Descriptors, _ofUnits) = ([.. descriptors.Select(Number)], [.. descriptors.Where(word => word[0] == OfUnit).Select(Number)]);
    }

    /// <summary>The sockets that it left, in this process's numbers.</summary>
    public IReadOnlyList<int> Descriptors { get; }

    /// <summary>Whether one of them came from a .socket unit.</summary>
    public bool IsOfUnit(int descriptor) => _ofUnits.Contains(descriptor);

    /// <summary>Null for a process that was started in the ordinary way.</summary>
    public static Predecessor? Find()
    {
        var said = Environment.GetEnvironmentVariable(Variable);
        Environment.SetEnvironmentVariable(Variable, null);
        if (said?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { Length: >= 2 } words)
        {
            return null;
        }

        // The end that the predecessor reads from came along as well.
        new SafePipeHandle(Number(words[1]), ownsHandle: true).Dispose();
        return new Predecessor(words[0], words[2..]);
    }

    /// <summary>Tells it how far this process is; nothing happens when it is no more.</summary>
    public void Tell(byte what)
    {
        try
        {
            _pipe.WriteByte(what);
            _pipe.Flush();
        }
        catch (IOException)
        {
            // Then there is nobody to wait for either.
        }
    }

    public void Dispose() => _pipe.Dispose();

    private static int Number(string word) => int.Parse(word, CultureInfo.InvariantCulture);
}
