using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>
/// Before connections are closed each gets its last answer with "Connection: close" (RFC 9112 §9.6), or a GOAWAY (RFC 9113
/// §6.8): a client that is told does not send a request into a connection that ends at that moment.
/// </summary>
internal sealed class Farewell(GatewayListeners listeners)
{
    /// <summary>From now on every request is the last one of its connection.</summary>
    public void Begin() => listeners.IsLeaving = true;

    /// <summary>Stands before everything that answers requests.</summary>
    public RequestDelegate Before(RequestDelegate next) => context =>
    {
        if (listeners.IsLeaving)
        {
            context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
            listeners.Ask(ListenerFeature.Of(context));
        }

        return next(context);
    };
}
