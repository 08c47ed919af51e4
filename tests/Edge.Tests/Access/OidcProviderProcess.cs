using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Edge.Tests.HouseRules;
using Xunit;
using Shell = Edge.Tests.Whole.Shell;

namespace Edge.Tests.Access;

/// <summary>The package oidc-provider of npm, installed below artifacts/ by its lock file, with one client and one user.</summary>
internal sealed class OidcProviderProcess : IAsyncDisposable
{
    private static readonly SemaphoreSlim Installing = new(1, 1);

    private readonly Process _process;

    private OidcProviderProcess(Process process, string issuer) => (_process, Issuer) = (process, issuer);

    public string Issuer { get; }

    private static string Source => Path.Combine(Repository.Root, "tests", "Edge.Tests", "Access", "Provider");

    private static string Modules => Path.Combine(Repository.Root, "artifacts", "oidc-provider");

    public static async Task<OidcProviderProcess> StartAsync(string redirect, string algorithm = "RS256")
    {
        Shell.Need("node", "nodejs");
        Shell.Need("npm", "npm");
        await InstallAsync();
        var start = new ProcessStartInfo("node") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in (string[])[Path.Combine(Source, "provider.mjs"), Modules, redirect, algorithm])
        {
            start.ArgumentList.Add(argument);
        }

        var process = Process.Start(start)!;
        var said = new StringBuilder();
        process.ErrorDataReceived += (_, line) => said.AppendLine(line.Data);
        process.BeginErrorReadLine();
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("http", StringComparison.Ordinal))
            {
                return new OidcProviderProcess(process, line);
            }
        }

        throw new InvalidOperationException($"the provider did not start: {said}");
    }

    /// <summary>Changes what the provider says of its user.</summary>
    public async Task ControlAsync(string json)
    {
        using var client = new HttpClient();
        using var content = new StringContent(json, new MediaTypeHeaderValue("application/json"));
        using var answer = await client.PostAsync(Issuer + "/control", content, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private static async Task InstallAsync()
    {
        await Installing.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            var lockFile = Path.Combine(Source, "package-lock.json");
            var done = Path.Combine(Modules, "installed");
            if (File.Exists(done) && File.ReadAllText(done) == File.ReadAllText(lockFile))
            {
                return;
            }

            Directory.CreateDirectory(Modules);
            File.Copy(Path.Combine(Source, "package.json"), Path.Combine(Modules, "package.json"), overwrite: true);
            File.Copy(lockFile, Path.Combine(Modules, "package-lock.json"), overwrite: true);
            var said = await Shell.OutputAsync("npm", "ci", "--no-audit", "--no-fund", "--prefix", Modules);
            Assert.SkipUnless(Directory.Exists(Path.Combine(Modules, "node_modules", "oidc-provider")), $"npm cannot install the provider: {said}");
            File.Copy(lockFile, done, overwrite: true);
        }
        finally
        {
            Installing.Release();
        }
    }
}
