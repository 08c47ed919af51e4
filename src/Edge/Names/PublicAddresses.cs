using System.Collections.Immutable;
using System.Net;

namespace Edge.Names;

/// <summary>Where this box is reached from the internet, as far as is known now: at most one address of each family.</summary>
internal sealed class PublicAddresses
{
    private readonly Lock _gate = new();
    private ImmutableArray<IPAddress> _current = [];

    /// <summary>Raised after <see cref="Current"/> has become another one.</summary>
    public event Action? Changed;

    /// <summary>Empty while none is known.</summary>
    public ImmutableArray<IPAddress> Current
    {
        get
        {
            lock (_gate)
            {
                return _current;
            }
        }
    }

    /// <summary>Takes note of what was found; the same again is no change.</summary>
    public void Set(ImmutableArray<IPAddress> found)
    {
        lock (_gate)
        {
            if (_current.SequenceEqual(found))
            {
                return;
            }

            _current = found;
        }

        Changed?.Invoke();
    }
}
