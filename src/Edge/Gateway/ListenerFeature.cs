using Microsoft.AspNetCore.Http;

namespace Edge.Gateway;

/// <summary>Says of a connection, and so of each of its requests, by which listener it came in.</summary>
internal sealed class ListenerFeature
{
    public static readonly ListenerFeature Http = new(ListenerKind.Http);
    public static readonly ListenerFeature Https = new(ListenerKind.Https);
    public static readonly ListenerFeature Admin = new(ListenerKind.Admin);

    public static readonly ListenerFeature Metrics = new(ListenerKind.Metrics);

    private ListenerFeature(ListenerKind kind) => Kind = kind;

    public ListenerKind Kind { get; }

    /// <summary>The listener of this request; null where no listener of ours was involved, as in a test server.</summary>
    public static ListenerKind? Of(HttpContext context) => context.Features.Get<ListenerFeature>()?.Kind;
}
