using System.Collections.Immutable;
using Edge.Access;
using Edge.Admin;
using Edge.Services;
using Edge.Tests.Certificates;
using Edge.Tests.Gateway;
using Xunit;

namespace Edge.Tests.Admin;

/// <summary>What services say of their users, beside what edge.yaml knows.</summary>
public sealed class AccessCheckTests
{
    private static readonly string Hash = PasswordHash.Make("right");

    [Theory]
    [InlineData("auth: basic", "services.photos.auth: basic: nobody has a password")]
    [InlineData("auth: forward", "services.photos.auth: forward: edge.yaml names no server to ask")]
    [InlineData("auth: oidc", "services.photos.auth: oidc: edge.yaml names no provider")]
    [InlineData("client-cert: /nowhere/ca.pem", "proxy-routes/test.yaml:2: services.photos.client-cert: /nowhere/ca.pem: cannot be read: it is not there")]
    [InlineData("client-cert: /dev/zero", "services.photos.client-cert: /dev/zero: cannot be read: it is a device or a pipe")]
    [InlineData("allow: lan", null)]
    public void A_service_that_refers_to_nothing_is_told(string line, string? expected)
    {
        var problems = Check(line, new EdgeOptions());
        Assert.Equal(expected is null ? 0 : 1, problems.Count);
        Assert.Contains(expected ?? "", string.Join('\n', problems));
    }

    [Fact]
    public void A_user_without_a_password_is_told()
    {
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "users");
        File.WriteAllText(file, $"ben:{Hash}\n");
        var options = new EdgeOptions { Access = new AccessOptions { UsersFile = file, Users = ImmutableDictionary<string, PasswordHash>.Empty.Add("anna", PasswordHash.Parse(Hash, out _)!) } };

        Assert.Empty(Check("auth: basic\n    users: [anna, ben]", options));
        Assert.Contains("services.photos.users: \"carol\" has no password in edge.yaml or the users file", Assert.Single(Check("auth: basic\n    users: [anna, carol]", options)));
    }

    [Theory]
    [InlineData("/dev/zero", "it is a device or a pipe")]
    [InlineData("FIFO", "it is a device or a pipe")]
    [InlineData("FOLDER", "it is a folder")]
    [InlineData("NOWHERE", "cannot be read")]
    public async Task A_users_file_that_is_none_is_told_and_not_waited_for(string which, string expected)
    {
        using var folder = new TemporaryFolder();
        var path = which switch { "FOLDER" => folder.Path, "/dev/zero" => which, _ => Path.Combine(folder.Path, which) };
        if (which == "FIFO")
        {
            using var made = System.Diagnostics.Process.Start("mkfifo", [path]);
            await made.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Contains(expected, Assert.Single(Check("allow: lan", new EdgeOptions { Access = new AccessOptions { UsersFile = path } })));

        // The running table neither: who is known stays.
        var log = new LogLines();
        var users = new UserTable(log);
        users.Use(new AccessOptions { UsersFile = path, Users = ImmutableDictionary<string, PasswordHash>.Empty.Add("anna", PasswordHash.Parse(Hash, out _)!) });
        users.Follow();
        Assert.Equal(["anna"], users.All.Keys);
        Assert.Contains(expected, Assert.Single(log.Lines));
    }

    private static List<string> Check(string line, EdgeOptions options) =>
        [.. AccessCheck.Of(options, new ServiceSet(1, ShortForm.Services($"services:\n  photos:\n    to: http://127.0.0.1:1\n    {line}\n"), []))];
}
