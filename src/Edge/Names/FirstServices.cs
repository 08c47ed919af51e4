using System.Collections.Immutable;
using Edge.Services;

namespace Edge.Names;

/// <summary>
/// The first services by name, kept up from one set to the next by what differs: to put all of many in order for each change would
/// cost more than the change.
/// </summary>
/// <param name="most">How many.</param>
internal sealed class FirstServices(int most)
{
    // Those that come next are kept as well, so that one that goes is followed without a look at all.
    private readonly SortedList<string, Service> _kept = new(StringComparer.Ordinal);
    private ServiceSet _set = ServiceSet.Empty;

    // Whether none lies behind those that are kept.
    private bool _isAll = true;

    /// <summary>Those of a set, in order.</summary>
    public ImmutableArray<Service> Of(ServiceSet set)
    {
        foreach (var difference in ServiceSet.Differing(_set, set))
        {
            Note(difference.Key, difference.After);
        }

        _set = set;
        if (_kept.Count < Math.Min(most, set.Count))
        {
            LookAtAll();
        }

        return [.. _kept.Values.Take(most)];
    }

    private void Note(string name, Service? service)
    {
        if (service is null)
        {
            _kept.Remove(name);
        }
        else if (_isAll || (_kept.Count > 0 && string.CompareOrdinal(name, _kept.GetKeyAtIndex(_kept.Count - 1)) <= 0))
        {
            _kept[name] = service;
            if (_kept.Count > 2 * most)
            {
                _kept.RemoveAt(_kept.Count - 1);
                _isAll = false;
            }
        }
    }

    private void LookAtAll()
    {
        _kept.Clear();
        foreach (var service in _set.First(2 * most))
        {
            _kept.Add(service.Name, service);
        }

        _isAll = _kept.Count == _set.Count;
    }
}
