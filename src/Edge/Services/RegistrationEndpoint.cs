using Edge.Stores;

namespace Edge.Services;

/// <summary>
/// The registration API: PUT, GET and DELETE /v1/services/{name}, POST /v1/services/{name}/renew, GET /v1/services,
/// each with a bearer token (RFC 6750). Every refusal is one problem document, and changes nothing.
/// </summary>
internal sealed partial class RegistrationEndpoint(Registrar registrar, TokenStore tokens, RegistrationAnswer answer, RegistrationWatch watch, RequestDelegate everything, ILogger<RegistrationEndpoint> log)
{
    public const string Path = "/v1/services";

    private delegate Task Handler(HttpContext context, Token token, string name);

    /// <summary>Adds the routes of the API.</summary>
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapRead(OpenApiDocument.Path, OpenApiDocument.AnswerAsync);
        routes.MapRead(Path, Guarded((context, token, _) => ListAsync(context, token)));
        routes.MapRead(Path + "/{name}", Guarded(GetAsync));
        routes.MapPut(Path + "/{name}", Guarded(PutAsync));
        routes.MapDelete(Path + "/{name}", Guarded(DeleteAsync));
        routes.MapPost(Path + "/{name}/renew", Guarded(RenewAsync));
    }

    private RequestDelegate Guarded(Handler handler) => async context =>
    {
        try
        {
            var (token, problem) = await AuthenticateAsync(context).ConfigureAwait(false);
            if (token is null)
            {
                await RefuseAsync(context, problem!).ConfigureAwait(false);
                return;
            }

            context.Response.Headers.CacheControl = "no-store";
            if (Precondition.Read(context.Request.Headers, out var wrong) is null)
            {
                await RefuseAsync(context, RegistrationProblems.UnreadableHeader(wrong!)).ConfigureAwait(false);
                return;
            }

            await handler(context, token, context.GetRouteValue("name") as string ?? "").ConfigureAwait(false);
        }
        catch (StoreUnavailableException wrong) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, RegistrationProblems.Unavailable(wrong)).ConfigureAwait(false);
        }
        catch (BadHttpRequestException wrong) when (!context.Response.HasStarted)
        {
            Log.Broken(log, wrong.Message);
            context.Response.StatusCode = wrong.StatusCode;
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            Log.Broken(log, "the client went away");
        }
    };

    private async Task<(Token? Token, ProblemDocument? Problem)> AuthenticateAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"edge\"";
            return (null, RegistrationProblems.Unauthorized("Send the header Authorization: Bearer TOKEN; edge token create makes one."));
        }

        var check = await tokens.VerifyAsync(Secret(context), context.RequestAborted).ConfigureAwait(false);
        return check.State == TokenState.Valid ? (check.Token, null) : (null, RegistrationProblems.Unauthorized(check));
    }

    private async Task PutAsync(HttpContext context, Token token, string name)
    {
        var (body, problem) = await RegistrationBody.ReadAsync(context.Request, context.RequestAborted).ConfigureAwait(false);
        if (body is null)
        {
            await RefuseAsync(context, problem!).ConfigureAwait(false);
            return;
        }

        var outcome = await registrar.PutAsync(token, name, body, ConditionOf(context), context.RequestAborted).ConfigureAwait(false);
        if (outcome.State is { } state)
        {
            Log.Registered(log, state.Registration.Name, token.Name, outcome.Created);
            if (outcome.Created)
            {
                context.Response.Headers.Location = $"{Path}/{state.Registration.Name}";
            }
        }

        // 202 when it is stored, and so will be served, but is not yet.
        await AnswerAsync(context, outcome, !outcome.Live ? StatusCodes.Status202Accepted : outcome.Created ? StatusCodes.Status201Created : StatusCodes.Status200OK).ConfigureAwait(false);
    }

    private async Task RenewAsync(HttpContext context, Token token, string name) =>
        await AnswerAsync(context, await registrar.RenewAsync(token, name, ConditionOf(context), context.RequestAborted).ConfigureAwait(false), StatusCodes.Status200OK).ConfigureAwait(false);

    private async Task GetAsync(HttpContext context, Token token, string name) =>
        await AnswerAsync(context, await registrar.GetAsync(token, name, context.RequestAborted).ConfigureAwait(false), StatusCodes.Status200OK).ConfigureAwait(false);

    private async Task DeleteAsync(HttpContext context, Token token, string name)
    {
        var outcome = await registrar.DeleteAsync(token, name, ConditionOf(context), context.RequestAborted).ConfigureAwait(false);
        if (outcome.Problem is { } problem)
        {
            await RefuseAsync(context, problem).ConfigureAwait(false);
            return;
        }

        Log.Removed(log, name, token.Name);
        context.Response.StatusCode = outcome.Live ? StatusCodes.Status204NoContent : StatusCodes.Status202Accepted;
    }

    // What files, containers and devices declare is an admin's to see: it tells of names that no token of theirs covers.
    private async Task ListAsync(HttpContext context, Token token)
    {
        if (context.Request.Query["all"].ToString() is not ("" or "false"))
        {
            await (token.Admin ? everything(context) : RefuseAsync(context, RegistrationProblems.ForAdmins(token.Name))).ConfigureAwait(false);
            return;
        }

        if (RegistrationWatch.Wants(context.Request))
        {
            if (await watch.FollowAsync(context, token, Secret(context)).ConfigureAwait(false) is { } problem)
            {
                await RefuseAsync(context, problem).ConfigureAwait(false);
            }

            return;
        }

        await answer.WriteAsync(context, await registrar.ListAsync(token, context.RequestAborted).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private async Task AnswerAsync(HttpContext context, RegistrationOutcome outcome, int code)
    {
        if (outcome.Problem is { } problem)
        {
            await RefuseAsync(context, problem).ConfigureAwait(false);
            return;
        }

        context.Response.Headers.ETag = Precondition.TagOf(outcome.State!.Revision);
        await answer.WriteAsync(context, code, outcome.State, outcome.Live).ConfigureAwait(false);
    }

    // It was read once before, and is sound.
    private static Precondition ConditionOf(HttpContext context) => Precondition.Read(context.Request.Headers, out _)!;

    private static string Secret(HttpContext context) => context.Request.Headers.Authorization.ToString()["Bearer ".Length..].Trim();

    private Task RefuseAsync(HttpContext context, ProblemDocument problem)
    {
        // RFC 6750 section 3: each 401 has it, and says why to whoever sent a token.
        if (problem.Status == StatusCodes.Status401Unauthorized && context.Response.Headers.WWWAuthenticate.Count == 0)
        {
            context.Response.Headers.WWWAuthenticate = $"Bearer realm=\"edge\", error=\"invalid_token\", error_description=\"{problem.Detail}\"";
        }

        Log.Refused(log, context.Request.Method, context.Request.Path.Value ?? "", problem.Status, problem.Detail);
        return problem.WriteAsync(context);
    }

    private static partial class Log
    {
        [LoggerMessage(2030, LogLevel.Information, "Service {Name} was registered with token {Token} (new: {Created})")]
        public static partial void Registered(ILogger log, string name, string token, bool created);

        [LoggerMessage(2031, LogLevel.Information, "Service {Name} was removed with token {Token}")]
        public static partial void Removed(ILogger log, string name, string token);

        [LoggerMessage(2032, LogLevel.Debug, "{Method} {Path} refused with {Status}: {Detail}")]
        public static partial void Refused(ILogger log, string method, string path, int status, string detail);

        [LoggerMessage(2033, LogLevel.Debug, "A request ended before it was read: {Reason}")]
        public static partial void Broken(ILogger log, string reason);
    }
}
