using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Edge.Gateway;

/// <summary>The connections of clients that are open, to end those in which nothing goes on.</summary>
internal sealed class OpenConnections
{
    private readonly ConcurrentDictionary<ConnectionContext, ListenerFeature?> _open = new(ReferenceEqualityComparer.Instance);

    public void Enter(ConnectionContext connection)
    {
        connection.Features.Set<IConnectionLifetimeNotificationFeature>(new ConnectionEnd());
        _open[connection] = connection.Features.Get<ListenerFeature>();
    }

    public void Leave(ConnectionContext connection) => _open.TryRemove(connection, out _);

    /// <summary>Ends connections over which a request has come, as soon as none is under way. Over the others the first one may still come.</summary>
    public void EndIdle() => End(static listener => listener?.HasAsked is true);

    /// <summary>Ends all of them, each as soon as no request is under way.</summary>
    public void EndAll() => End(static _ => true);

    private void End(Func<ListenerFeature?, bool> which)
    {
        foreach (var (connection, listener) in _open)
        {
            if (which(listener))
            {
                connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            }
        }
    }
}
