using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Edge.Dns.Files;
using Edge.Settings;

namespace Edge.Access.Oidc;

/// <summary>The way to one provider: its settings, its keys, its tokens.</summary>
internal sealed class OidcProvider : IDisposable
{
    private static readonly TimeSpan SettingsLast = TimeSpan.FromHours(1);
    private static readonly TimeSpan KeysLastAtLeast = TimeSpan.FromSeconds(30);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false, ConnectTimeout = TimeSpan.FromSeconds(5), ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
    {
        Timeout = TimeSpan.FromSeconds(10),
        MaxResponseContentBufferSize = 1 << 20,
    };

    private readonly OidcOptions _options;
    private readonly TimeProvider _time;
    private readonly SharedLook<ProviderSettings> _settings;
    private readonly SharedLook<JsonElement> _keys;

    public OidcProvider(OidcOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _settings = new SharedLook<ProviderSettings>(ReadSettingsAsync, time);
        _keys = new SharedLook<JsonElement>(ReadKeysAsync, time);
    }

    /// <summary>Where it is asked what.</summary>
    /// <exception cref="ProviderException">It does not answer, or not sensibly.</exception>
    public Task<ProviderSettings> SettingsAsync(CancellationToken cancel) => _settings.GetAsync(SettingsLast, cancel);

    /// <summary>Exchanges a code or a refresh token for tokens (RFC 6749 sections 4.1.3 and 6).</summary>
    /// <returns>The answer; null when the provider refuses.</returns>
    /// <exception cref="ProviderException">It does not answer, or not sensibly.</exception>
    public async Task<JsonElement?> TokensAsync(Dictionary<string, string> form, CancellationToken cancel)
    {
        var settings = await SettingsAsync(cancel);
        using var request = new HttpRequestMessage(HttpMethod.Post, settings.Token);
        if (Secret() is not { } secret)
        {
            form["client_id"] = _options.ClientId;
        }
        else if (settings.TakesBasic)
        {
            // RFC 6749 section 2.3.1: both are form-encoded first.
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Uri.EscapeDataString(_options.ClientId)}:{Uri.EscapeDataString(secret)}")));
        }
        else
        {
            (form["client_id"], form["client_secret"]) = (_options.ClientId, secret);
        }

        request.Content = new FormUrlEncodedContent(form);
        using var answer = await SendAsync(request, cancel);
        if (answer.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized)
        {
            return null;
        }

        return await ReadAsync(answer, cancel);
    }

    /// <summary>The claims of an id token.</summary>
    /// <exception cref="ProviderException">It is not to be believed.</exception>
    public async Task<JsonElement> ClaimsAsync(string token, string? nonce, CancellationToken cancel)
    {
        var keys = await _keys.GetNewerAsync(SettingsLast, cancel);
        var claims = IdToken.Read(token, keys, _options.Issuer, _options.ClientId, nonce, _time.GetUtcNow(), out var wrong, out var unknown);
        if (claims is null && unknown)
        {
            // Keys change when they like; who makes up key ids must not make us ask each time.
            keys = await _keys.GetNewerAsync(KeysLastAtLeast, cancel);
            claims = IdToken.Read(token, keys, _options.Issuer, _options.ClientId, nonce, _time.GetUtcNow(), out wrong, out _);
        }

        return claims ?? throw new ProviderException($"its id token is refused: {wrong}");
    }

    /// <summary>What it says of the user beside the id token; nothing where it has no such endpoint.</summary>
    public async Task<JsonElement?> UserInfoAsync(string accessToken, CancellationToken cancel)
    {
        if ((await SettingsAsync(cancel)).UserInfo is not { } endpoint)
        {
            return null;
        }

        using var request = new HttpRequestMessage(HttpMethod.Get, endpoint);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await JsonAsync(request, cancel);
    }

    public void Dispose() => _client.Dispose();

    // Discovery section 4.1: behind the path that the issuer may have.
    private async Task<ProviderSettings> ReadSettingsAsync()
    {
        var document = await JsonAsync(new HttpRequestMessage(HttpMethod.Get, _options.Issuer.TrimEnd('/') + "/.well-known/openid-configuration"), CancellationToken.None);
        return ProviderSettings.Read(document, _options.Issuer, out var wrong) ?? throw new ProviderException(wrong);
    }

    private async Task<JsonElement> ReadKeysAsync() => await JsonAsync(new HttpRequestMessage(HttpMethod.Get, (await SettingsAsync(CancellationToken.None)).Keys), CancellationToken.None);

    private string? Secret()
    {
        try
        {
            return _options.SecretFile is null ? null : Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(_options.SecretFile, 4096)).Trim();
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            throw new ProviderException($"access.oidc.client-secret-file cannot be read: {unreadable.Message}");
        }
    }

    private async Task<JsonElement> JsonAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        using (request)
        {
            using var answer = await SendAsync(request, cancel);
            return await ReadAsync(answer, cancel);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancel)
    {
        request.Headers.Accept.ParseAdd("application/json");
        try
        {
            return await _client.SendAsync(request, cancel);
        }
        catch (Exception failed) when (failed is HttpRequestException || (failed is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            throw new ProviderException($"{request.RequestUri}: {(failed is HttpRequestException ? failed.Message : "no answer in time")}");
        }
    }

    private static async Task<JsonElement> ReadAsync(HttpResponseMessage answer, CancellationToken cancel)
    {
        if (!answer.IsSuccessStatusCode)
        {
            throw new ProviderException($"{answer.RequestMessage?.RequestUri} answered {(int)answer.StatusCode}");
        }

        try
        {
            await using var body = await answer.Content.ReadAsStreamAsync(cancel);
            using var document = await JsonDocument.ParseAsync(body, default, cancel);
            return JsonDocumentReader.IsText(document.RootElement) ? document.RootElement.Clone() : throw new JsonException(JsonDocumentReader.NoText);
        }
        catch (JsonException wrong)
        {
            throw new ProviderException($"{answer.RequestMessage?.RequestUri} answered no JSON: {wrong.Message}");
        }
    }
}
