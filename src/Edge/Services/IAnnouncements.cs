using System.Collections.Immutable;

namespace Edge.Services;

/// <summary>Knows what neighbours announce.</summary>
internal interface IAnnouncements
{
    /// <summary>Raised when something may be elsewhere than before.</summary>
    event Action? Changed;

    /// <summary>The service with the destination that is announced now; one that says so where none is.</summary>
    Service Resolve(Service service);

    /// <summary>These are followed from now on, and no others.</summary>
    void Follow(ImmutableArray<AnnouncedService> wanted);
}
