namespace Edge.Tests.Whole;

/// <summary>Commands that make a secret put it where only its owner reads it, or say that they could not.</summary>
public sealed class SecretOutputTests
{
    [Theory]
    [InlineData("certs client anna", "PRIVATE KEY")]
    [InlineData("token create laptop", "edge_")]
    [InlineData("key create ns2", "secret:")]
    public async Task A_file_is_for_its_owner_and_never_overwritten(string command, string secret)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "secret");
        string[] words = [.. command.Split(' '), "--out", file];
        var made = await edge.CommandAsync(words);
        Assert.True(made.ExitCode == 0, made.Output);
        Assert.DoesNotContain(secret, made.Output, StringComparison.Ordinal);
        Assert.Contains(secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));

        await File.WriteAllTextAsync(file, "mine");
        var again = await edge.CommandAsync(words);
        Assert.NotEqual(0, again.ExitCode);
        Assert.Contains($"--out: {file} is there already and is left as it is", again.Output, StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
    }

    [Fact]
    public async Task A_client_s_certificate_is_an_object_in_json()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "secret");
        var made = await edge.CommandAsync("certs", "client", "anna", "--json", "--out", file);
        Assert.True(made.ExitCode == 0, made.Output);
        using var json = System.Text.Json.JsonDocument.Parse(await File.ReadAllTextAsync(file));
        var answer = json.RootElement;
        using var certificate = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(answer.GetProperty("certificate").GetString(), answer.GetProperty("key").GetString());
        Assert.Equal(("anna", certificate.SerialNumber), (answer.GetProperty("name").GetString(), answer.GetProperty("serial").GetString()));
        Assert.Equal(certificate.NotAfter.ToUniversalTime(), answer.GetProperty("notAfter").GetDateTimeOffset());
        using var root = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(answer.GetProperty("root").GetString());
        Assert.Equal(certificate.Issuer, root.Subject);
    }

    [Fact]
    public async Task What_cannot_be_made_leaves_no_file()
    {
        await using var edge = EdgeProcess.InExampleFolder();
        await edge.StartAsync();
        var file = Path.Combine(edge.Folder, "secret");
        Assert.NotEqual(0, (await edge.CommandAsync("certs", "client", "anna", "--days", "0", "--out", file)).ExitCode);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("umask 022", true)]
    [InlineData("umask 077", false)]
    public async Task A_file_that_the_shell_made_for_everybody_is_told_of(string mask, bool told)
    {
        await using var edge = EdgeProcess.InExampleFolder();
        var file = Path.Combine(edge.Folder, "secret");
        edge.Before = ["sh", "-c", $"{mask}; \"$0\" \"$@\" > {file}"];
        var made = await edge.CommandAsync("key", "create", "ns2");
        Assert.Equal(0, made.ExitCode);
        Assert.Equal(told, made.Output.Contains($"{file} holds a secret now and can be read by others: chmod 600 it, or use --out FILE", StringComparison.Ordinal));
        Assert.Contains("secret:", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
    }
}
