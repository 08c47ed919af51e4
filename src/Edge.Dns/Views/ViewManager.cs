using System.Collections.Immutable;

namespace Edge.Dns.Views;

/// <summary>The one writer of the <see cref="ViewSet"/>: joins the declared views with the live on-link prefixes.</summary>
public sealed class ViewManager : IDisposable
{
    private readonly Lock _gate = new();
    private readonly OnLinkPrefixes _onLink;
    private ImmutableArray<View> _declared;
    private volatile ViewSet _current;

    /// <summary>Starts with these views.</summary>
    /// <param name="declared">As edge.yaml states them; "public" may be left out.</param>
    /// <param name="onLink">The prefixes to follow; the caller disposes it.</param>
    public ViewManager(ImmutableArray<View> declared, OnLinkPrefixes onLink)
    {
        _declared = declared;
        _onLink = onLink;
        _onLink.Changed += Rebuild;
        _current = new ViewSet(declared, onLink.Current);
    }

    /// <summary>Raised after <see cref="Current"/> was replaced.</summary>
    public event Action? Changed;

    /// <summary>The set to use for a whole query or request: take it once.</summary>
    public ViewSet Current => _current;

    /// <summary>Replaces the declared views; served when this returns.</summary>
    public void Declare(ImmutableArray<View> declared)
    {
        lock (_gate)
        {
            _declared = declared;
        }

        Rebuild();
    }

    /// <summary>Stops following the prefixes; the last set stays.</summary>
    public void Dispose() => _onLink.Changed -= Rebuild;

    private void Rebuild()
    {
        lock (_gate)
        {
            _current = new ViewSet(_declared, _onLink.Current);
        }

        Changed?.Invoke();
    }
}
