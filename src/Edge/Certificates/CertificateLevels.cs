namespace Edge.Certificates;

/// <summary>
/// Which levels of names need a wildcard and which hosts a certificate of their own, kept from change to change: a host that
/// comes or goes is weighed against its parents only.
/// </summary>
/// <param name="node">This box, whose level is always there.</param>
/// <param name="isOurs">Whether our name server holds a name's zone.</param>
internal sealed class CertificateLevels(string node, Func<string, bool> isOurs)
{
    private readonly HashSet<string> _hosts = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _levels = new(StringComparer.Ordinal) { node };
    private readonly Dictionary<string, int> _below = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SortedSet<string>> _alone = new(StringComparer.Ordinal);
    private readonly Dictionary<string, bool> _ours = new(StringComparer.Ordinal);

    /// <summary>Grows when <see cref="Levels"/> or <see cref="Singles"/> may say something else.</summary>
    public int Changes { get; private set; }

    /// <summary>Names one level below which a wildcard stands for everything.</summary>
    public IReadOnlyCollection<string> Levels => _levels;

    /// <summary>Hosts below no such level.</summary>
    public IEnumerable<string> Singles => _alone.Where(one => !_levels.Contains(one.Key)).SelectMany(one => one.Value).Where(host => !_levels.Contains(host)).Order(StringComparer.Ordinal);

    /// <summary>Some host is of a zone that is not ours.</summary>
    public bool HasOthers => _alone.Count > 0;

    /// <summary>Whether what was ours at the time of asking still is, and nothing else.</summary>
    public bool StillHolds => _ours.All(one => isOurs(one.Key) == one.Value);

    public void Add(string host)
    {
        if (_hosts.Add(host))
        {
            Weigh(host, 1);
        }
    }

    public void Remove(string host)
    {
        if (_hosts.Remove(host))
        {
            Weigh(host, -1);
            Forget();
        }
    }

    // What was asked about the parents of hosts that are gone. Seldom, so that a host that goes costs little.
    private void Forget()
    {
        if (_ours.Count > 2 * _hosts.Count)
        {
            var parents = _hosts.Select(ParentOf).ToHashSet(StringComparer.Ordinal);
            foreach (var gone in _ours.Keys.Where(name => !parents.Contains(name)).ToList())
            {
                _ours.Remove(gone);
            }
        }
    }

    private static string ParentOf(string host) => host[(host.IndexOf('.') + 1)..];

    private void Weigh(string host, int by)
    {
        var parent = ParentOf(host);
        if (host[0] == '*' || IsLevel(parent))
        {
            // The level of photos.nas.example.com covers the host nas.example.com as well.
            if (!_levels.Contains(host))
            {
                Need(parent, by);
            }

            return;
        }

        Changes++;
        if (!_alone.TryGetValue(parent, out var alone))
        {
            _alone.Add(parent, alone = new SortedSet<string>(StringComparer.Ordinal));
        }

        _ = by > 0 ? alone.Add(host) : alone.Remove(host);
        if (alone.Count == 0)
        {
            _alone.Remove(parent);
        }
    }

    // A level that comes or goes takes its own name, where that is a host, from the level above or gives it back.
    private void Need(string level, int by)
    {
        var count = _below[level] = _below.GetValueOrDefault(level) + by;
        if (count == 0)
        {
            _below.Remove(level);
        }

        if (level == node || (count > 0 ? !_levels.Add(level) : !_levels.Remove(level)))
        {
            return;
        }

        Changes++;
        if (_hosts.Contains(level) && IsLevel(ParentOf(level)))
        {
            Need(ParentOf(level), count > 0 ? -1 : 1);
        }
    }

    // Never a wildcard of a whole top-level domain, which browsers refuse.
    private bool IsLevel(string parent) => parent.Contains('.') && (IsOurs(parent) || parent == node || parent.EndsWith("." + node, StringComparison.Ordinal));

    private bool IsOurs(string name) => _ours.TryGetValue(name, out var ours) ? ours : _ours[name] = isOurs(name);
}
