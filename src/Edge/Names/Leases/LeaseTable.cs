using System.Net;

namespace Edge.Names.Leases;

/// <summary>What the lines of a lease file add up to, and what is wrong with them.</summary>
/// <param name="shownAs">The file as the user knows it.</param>
internal sealed class LeaseTable(string shownAs)
{
    private const int MostTold = 10;
    private readonly Dictionary<IPAddress, Lease> _leases = [];
    private readonly List<string> _problems = [];

    /// <summary>The leases, in force or ended, by address.</summary>
    public IReadOnlyDictionary<IPAddress, Lease> Leases => _leases;

    /// <summary>How many lines could not be understood.</summary>
    public int Mistakes { get; private set; }

    /// <summary>The first of them, each with file and line, that nobody has taken yet.</summary>
    public IReadOnlyList<string> TakeProblems()
    {
        var taken = _problems.ToArray();
        _problems.Clear();
        return taken;
    }

    /// <summary>What a line says of an address; it replaces what was said before.</summary>
    public void Put(IPAddress address, string hostName, string device, DateTimeOffset? began, DateTimeOffset? ends, string part, int line)
    {
        if (LeaseText.KindOf(address) is { } kind)
        {
            Mistake(part, line, $"{address} is {kind}, which no client is given");
            return;
        }

        _leases[address] = new Lease(address, hostName, device.Length > 0 ? device : address.ToString(), began, ends, part, line);
    }

    /// <summary>The address is nobody's any more.</summary>
    public void Remove(IPAddress address) => _leases.Remove(address);

    /// <summary>Counts a line that is not understood, and remembers the first ones.</summary>
    public void Mistake(string part, int line, string message)
    {
        if (++Mistakes <= MostTold)
        {
            _problems.Add($"{part}:{line}: {message}");
        }
        else if (Mistakes == MostTold + 1)
        {
            _problems.Add($"{shownAs}: there are more lines like these; they are counted and not told");
        }
    }
}
