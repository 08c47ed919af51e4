using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Edge.Tests.Gateway;
using Microsoft.AspNetCore.Http;

namespace Edge.Tests.Access;

/// <summary>An OpenID provider that does what a test wants of it: says nothing for a while, fails, gives a new refresh token each time.</summary>
internal sealed class ScriptedProvider : IAsyncDisposable
{
    private static readonly ECDsa Key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private readonly Backend _backend;
    private readonly TimeProvider _time;
    private int _refreshTokens;

    private ScriptedProvider(TimeProvider time, Backend backend) => (_time, _backend) = (time, backend);

    /// <summary>What was asked: the path, and behind it a refresh token.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Paths that are answered with 500.</summary>
    public ConcurrentDictionary<string, bool> Failing { get; } = new();

    /// <summary>Paths that are answered when their task ends.</summary>
    public ConcurrentDictionary<string, TaskCompletionSource> Waiting { get; } = new();

    /// <summary>What id tokens repeat.</summary>
    public string? Nonce { get; set; }

    public string Issuer => _backend.Uri.TrimEnd('/');

    public static async Task<ScriptedProvider> StartAsync(TimeProvider time)
    {
        ScriptedProvider? provider = null;
        var backend = await Backend.StartAsync(context => provider!.AnswerAsync(context));
        return provider = new ScriptedProvider(time, backend);
    }

    /// <summary>How often something was asked.</summary>
    public int Count(string path) => Asked.Count(asked => asked == path);

    public async ValueTask DisposeAsync()
    {
        foreach (var waiting in Waiting.Values)
        {
            waiting.TrySetResult();
        }

        await _backend.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync() : null;
        Asked.Enqueue(form?["refresh_token"].ToString() is { Length: > 0 } token ? $"{path} {token}" : path);
        if (Waiting.TryGetValue(path, out var until))
        {
            await until.Task;
        }

        if (Failing.ContainsKey(path))
        {
            context.Response.StatusCode = 500;
            return;
        }

        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(path switch
        {
            "/.well-known/openid-configuration" => $$"""{"issuer":"{{Issuer}}","authorization_endpoint":"{{Issuer}}/auth","token_endpoint":"{{Issuer}}/token","jwks_uri":"{{Issuer}}/keys","userinfo_endpoint":"{{Issuer}}/userinfo"}""",
            "/keys" => Keys(),
            "/token" => $$"""{"id_token":"{{IdToken()}}","access_token":"a","refresh_token":"r{{Interlocked.Increment(ref _refreshTokens)}}"}""",
            _ => """{"sub":"anna","preferred_username":"anna"}""",
        });
    }

    private static string Keys()
    {
        var key = Key.ExportParameters(includePrivateParameters: false).Q;
        return $$"""{"keys":[{"kty":"EC","crv":"P-256","x":"{{Base64Url.EncodeToString(key.X!)}}","y":"{{Base64Url.EncodeToString(key.Y!)}}"}]}""";
    }

    private string IdToken()
    {
        var now = _time.GetUtcNow().ToUnixTimeSeconds();
        var claims = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object?> { ["iss"] = Issuer, ["aud"] = "edge", ["sub"] = "anna", ["iat"] = now, ["exp"] = now + 300, ["nonce"] = Nonce });
        var signed = $"{Base64Url.EncodeToString("""{"alg":"ES256"}"""u8)}.{Base64Url.EncodeToString(claims)}";
        return $"{signed}.{Base64Url.EncodeToString(Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256))}";
    }
}
