using System.Collections.Concurrent;

namespace Edge.Dns.Queries;

/// <summary>Numbers for the names of upstreams and lists, so that an entry holds two bytes of them. Names are never forgotten, and so there is a limit.</summary>
internal sealed class QuerySources
{
    private const int Most = 4096;

    private readonly ConcurrentDictionary<string, ushort> _numbers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private volatile string[] _names = [""];

    /// <summary>The number of a name; 0 when there are too many.</summary>
    public ushort NumberOf(string name) => _numbers.TryGetValue(name, out var number) ? number : Add(name);

    /// <summary>The name of a number; null for 0.</summary>
    public string? this[ushort number] => number == 0 || number >= _names.Length ? null : _names[number];

    private ushort Add(string name)
    {
        lock (_gate)
        {
            if (_numbers.TryGetValue(name, out var number) || _names.Length >= Most)
            {
                return number;
            }

            _names = [.. _names, name];
            return _numbers[name] = (ushort)(_names.Length - 1);
        }
    }
}
