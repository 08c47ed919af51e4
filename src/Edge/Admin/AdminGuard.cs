using Edge.Services;
using Microsoft.AspNetCore.Http;

namespace Edge.Admin;

/// <summary>Lets those in who may do everything: holders of a token made with --admin, the data folder's among them.</summary>
internal sealed class AdminGuard(TokenStore tokens)
{
    /// <summary>The same endpoint for admins only.</summary>
    public RequestDelegate Protect(RequestDelegate endpoint) => async context =>
    {
        if (Bearer(context) is not { } secret)
        {
            await RefuseAsync(context, "a token is needed: Authorization: Bearer TOKEN; on the box itself it lies in data/admin.token");
            return;
        }

        switch (await tokens.VerifyAsync(secret, context.RequestAborted))
        {
            case { State: TokenState.Valid, Token.Admin: true }:
                await endpoint(context);
                break;
            case { State: TokenState.Valid, Token: { } token }:
                await AdminProblem.WriteAsync(context, StatusCodes.Status403Forbidden, $"the token \"{token.Name}\" may register services, but not do this; make one with \"edge token create NAME --admin\"");
                break;
            case { State: TokenState.Unknown }:
                await RefuseAsync(context, "this token is not known here");
                break;
            case var check:
                await RefuseAsync(context, $"the token \"{check.Token?.Name}\" has {(check.State == TokenState.Expired ? "expired" : "been revoked")}");
                break;
        }
    };

    private static Task RefuseAsync(HttpContext context, string why)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer";
        return AdminProblem.WriteAsync(context, StatusCodes.Status401Unauthorized, why);
    }

    private static string? Bearer(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header[7..].Trim() : null;
    }
}
