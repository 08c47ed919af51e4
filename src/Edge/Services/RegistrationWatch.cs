using System.Globalization;
using Edge.Stores;
using Microsoft.AspNetCore.Http.Features;

namespace Edge.Services;

/// <summary>
/// Tells whoever listens of registrations as they come, change and go, as server-sent events whose ids are revisions.
/// Whoever comes back with the last id he saw is told what he missed; where that is no longer known, everything anew.
/// </summary>
/// <param name="store">Has the registrations, and their changes.</param>
/// <param name="source">Knows what is served.</param>
/// <param name="registrar">Knows how a registration stands.</param>
/// <param name="answer">Writes it.</param>
/// <param name="tokens">A token that was revoked meanwhile hears nothing more.</param>
/// <param name="time">The clock.</param>
/// <param name="stopping">Ends every stream, so that Edge does not wait for those who listen.</param>
internal sealed class RegistrationWatch(IStore store, RegistrationSource source, Registrar registrar, RegistrationAnswer answer, TokenStore tokens, TimeProvider time, CancellationToken stopping)
{
    public const string ContentType = "text/event-stream";

    // A listener that is gone is found out when something is sent to it.
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly ListenerLimits _limits = new();

    /// <summary>Whether a request wants to be told rather than to be given a list.</summary>
    public static bool Wants(HttpRequest request) => HttpMethods.IsGet(request.Method)
        && (request.Query["watch"].ToString() is not ("" or "false") || request.Headers.Accept.ToString().Contains(ContentType, StringComparison.OrdinalIgnoreCase));

    /// <summary>Tells until the listener goes; the problem when it cannot begin.</summary>
    public async Task<ProblemDocument?> FollowAsync(HttpContext context, Token token, string secret)
    {
        if (_limits.Enter(token.Name) is { } full)
        {
            return full;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        using var revoked = new CancellationTokenSource();
        void End(string name) => _ = name == token.Name ? revoked.CancelAsync() : Task.CompletedTask;
        tokens.WasRevoked += End;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ended.Token, revoked.Token);
        try
        {
            context.Response.ContentType = ContentType;
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await TellAsync(new Listener(context.Response.Body, token, secret), LastSeen(context.Request), either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // Whoever listened has gone, or does not read: an end that waited for it would not come.
            context.Abort();
        }
        catch (OperationCanceledException) when (revoked.IsCancellationRequested)
        {
            // The stream ends in order: whoever comes again is told why it was.
        }
        finally
        {
            tokens.WasRevoked -= End;
            _limits.Leave(token.Name);
        }

        return null;
    }

    private static long? LastSeen(HttpRequest request) =>
        long.TryParse(request.Headers["Last-Event-ID"].ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : null;

    private async Task TellAsync(Listener listener, long? seen, CancellationToken ended)
    {
        // An id that this store has not reached is of another store.
        var revision = (await store.ListAsync(Registration.Prefix, ended).ConfigureAwait(false)).Revision;
        listener.HasMissed = seen is not null;
        var from = seen is { } id && id <= revision ? id : await TellAllAsync(listener, ended).ConfigureAwait(false);
        while (true)
        {
            try
            {
                await TellChangesAsync(listener, from, ended).ConfigureAwait(false);
                return;
            }
            catch (StoreCompactedException)
            {
                from = await TellAllAsync(listener, ended).ConfigureAwait(false);
            }
        }
    }

    // The empty id makes whoever breaks off in the middle begin again.
    private async Task<long> TellAllAsync(Listener listener, CancellationToken ended)
    {
        listener.Known.Clear();
        listener.HasMissed = false;
        await listener.SendAsync("reset", "", "{}"u8.ToArray(), ended).ConfigureAwait(false);
        var listing = await store.ListAsync(Registration.Prefix, ended).ConfigureAwait(false);
        var (lost, lines) = (registrar.States.LostNow(), answer.LinesOf());
        foreach (var entry in listing.Entries)
        {
            await TellEntryAsync(listener, entry, null, state => lines(state, true), lost, ended).ConfigureAwait(false);
        }

        await listener.SendAsync("synced", listing.Revision.ToString(CultureInfo.InvariantCulture), "{}"u8.ToArray(), ended).ConfigureAwait(false);
        return listing.Revision;
    }

    private async Task TellChangesAsync(Listener listener, long from, CancellationToken ended)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ended);
        await using var changes = store.WatchAsync(Registration.Prefix, from, over.Token).GetAsyncEnumerator(over.Token);
        var next = changes.MoveNextAsync().AsTask();
        try
        {
            while (true)
            {
                var silent = await IsSilentAsync(next, ended).ConfigureAwait(false);
                if (!await IsValidAsync(listener, ended).ConfigureAwait(false))
                {
                    return;
                }

                if (silent)
                {
                    await listener.SendSilenceAsync(ended).ConfigureAwait(false);
                    continue;
                }

                if (!await next.ConfigureAwait(false))
                {
                    return;
                }

                await TellChangeAsync(listener, changes.Current, ended).ConfigureAwait(false);
                next = changes.MoveNextAsync().AsTask();
            }
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> IsSilentAsync(Task next, CancellationToken ended)
    {
        try
        {
            await next.WaitAsync(Silence, time, ended).ConfigureAwait(false);
            return false;
        }
        catch (TimeoutException)
        {
            return true;
        }
    }

    private async Task TellChangeAsync(Listener listener, StoreChange change, CancellationToken ended)
    {
        var live = await IsLiveAsync(change.Revision, ended).ConfigureAwait(false);
        if (change.Entry is { } entry)
        {
            await TellEntryAsync(listener, entry, change.Revision, state => answer.LineOf(state, live), registrar.States.LostNow(), ended).ConfigureAwait(false);
            return;
        }

        // Whose it was is not known any more. Who has missed something is told of names that he could have had.
        var name = change.Key[Registration.Prefix.Length..];
        if (listener.Known.Remove(name) || listener.Token.Admin || (listener.HasMissed && listener.Token.Scope.AllowsService(name)))
        {
            await listener.SendAsync("delete", change.Revision.ToString(CultureInfo.InvariantCulture), RegistrationAnswer.LineOf(name), ended).ConfigureAwait(false);
        }
    }

    private async Task TellEntryAsync(Listener listener, StoreEntry entry, long? id, Func<RegistrationState, byte[]> line, ILookup<string, ServiceConflict> lost, CancellationToken ended)
    {
        if (await registrar.States.OfAsync(listener.Token, entry, lost, ended).ConfigureAwait(false) is { } state)
        {
            listener.Known.Add(state.Registration.Name);
            await listener.SendAsync("put", id?.ToString(CultureInfo.InvariantCulture), line(state), ended).ConfigureAwait(false);
        }
    }

    // Told is what is served; of what cannot be served for long, that it is registered.
    private async Task<bool> IsLiveAsync(long revision, CancellationToken ended)
    {
        using var patience = new CancellationTokenSource(LongestWait, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ended);
        try
        {
            await source.WaitUntilLiveAsync(revision, either.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return false;
        }
    }

    private async Task<bool> IsValidAsync(Listener listener, CancellationToken ended) =>
        (await tokens.VerifyAsync(listener.Secret, ended).ConfigureAwait(false)).State == TokenState.Valid;

    /// <summary>Somebody who listens.</summary>
    private sealed class Listener(Stream to, Token token, string secret)
    {
        public Token Token => token;

        public string Secret => secret;

        /// <summary>The registrations that it was told of.</summary>
        public HashSet<string> Known { get; } = new(StringComparer.Ordinal);

        /// <summary>It was told of others before, over another connection.</summary>
        public bool HasMissed { get; set; }

        public async Task SendAsync(string kind, string? id, ReadOnlyMemory<byte> data, CancellationToken cancel)
        {
            await to.WriteAsync(System.Text.Encoding.UTF8.GetBytes(id is null ? $"event: {kind}\ndata: " : $"event: {kind}\nid: {id}\ndata: "), cancel).ConfigureAwait(false);
            await to.WriteAsync(data, cancel).ConfigureAwait(false);
            await to.WriteAsync("\n\n"u8.ToArray(), cancel).ConfigureAwait(false);
            await to.FlushAsync(cancel).ConfigureAwait(false);
        }

        public async Task SendSilenceAsync(CancellationToken cancel)
        {
            await to.WriteAsync(":\n\n"u8.ToArray(), cancel).ConfigureAwait(false);
            await to.FlushAsync(cancel).ConfigureAwait(false);
        }
    }
}
