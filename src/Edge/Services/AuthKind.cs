namespace Edge.Services;

/// <summary>Who a service's clients have to be.</summary>
internal enum AuthKind
{
    /// <summary>Anybody.</summary>
    None,

    /// <summary>Somebody with a name and a password of <c>access.users</c> (RFC 7617).</summary>
    Basic,

    /// <summary>Whoever another server lets in: <c>access.forward</c>.</summary>
    Forward,

    /// <summary>Somebody who is logged in with the provider of <c>access.oidc</c>.</summary>
    Oidc,
}
