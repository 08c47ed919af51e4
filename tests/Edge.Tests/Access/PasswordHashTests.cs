using Edge.Access;
using Edge.Settings;
using Edge.Tests.Certificates;
using Edge.Tests.Whole;
using Xunit;

namespace Edge.Tests.Access;

/// <summary>Hashes of passwords: ours for other programs, those of other programs for us.</summary>
public sealed class PasswordHashTests
{
    [Fact]
    public async Task Our_hash_is_what_another_implementation_computes()
    {
        Shell.Need("python3", "python3");
        var hash = PasswordHash.Make("grüße 1");
        var parts = hash.Split('$');
        var other = await Shell.OutputAsync("python3", "-c", """
            import sys, hashlib, base64
            b = lambda t: base64.b64decode(t.replace('.', '+') + '=' * (-len(t) % 4))
            print(base64.b64encode(hashlib.pbkdf2_hmac('sha256', 'grüße 1'.encode(), b(sys.argv[2]), int(sys.argv[1]))).decode().rstrip('=').replace('+', '.'))
            """, parts[2], parts[3]);

        Assert.Equal(("600000", other), (parts[2], parts[4]));
        Assert.NotEqual(hash, PasswordHash.Make("grüße 1"));
        Verifies(hash, "grüße 1");
    }

    [Theory]
    [InlineData("-B")]
    [InlineData("-B -C 10")]
    public async Task Bcrypt_of_htpasswd_is_understood(string options)
    {
        Shell.Need("htpasswd", "apache2-utils");
        var line = await Shell.OutputAsync("htpasswd", ["-nb", .. options.Split(' '), "anna", "grüße 1"]);

        Verifies(line.Trim()["anna:".Length..], "grüße 1");
    }

    [Fact]
    public async Task Argon2id_of_the_reference_program_is_understood()
    {
        Shell.Need("argon2", "argon2");
        var hash = await Shell.OutputAsync("sh", "-c", "printf 'grüße 1' | argon2 somesalt -id -t 2 -m 12 -p 2 -e");

        Verifies(hash.Trim(), "grüße 1");
    }

    [Theory]
    [InlineData("anna:HASH\n# a comment\n\nben:HASH\n", 2, null)]
    [InlineData("anna\n", 0, "1: is not a line NAME:HASH")]
    [InlineData("anna:HASH\nben:secret\n", 1, "2: ben: is not the hash of a password")]
    [InlineData("", 0, null)]
    public void A_users_file_is_read_line_by_line(string text, int users, string? wrong)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "users.txt");
        File.WriteAllText(path, text.Replace("HASH", PasswordHash.Make("x")));
        var problems = new ProblemList();
        var read = UserTable.Read(path, problems);

        Assert.Equal(users, read?.Count ?? 0);
        Assert.Equal(wrong is null, !problems.Any);
        Assert.Contains(wrong ?? "", problems.All.Select(problem => problem.ToString()).FirstOrDefault() ?? "");
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/nowhere/users.txt")]
    [InlineData("/tmp")]
    public void What_is_no_ordinary_file_is_told_and_not_read(string path)
    {
        var problems = new ProblemList();

        Assert.Null(UserTable.Read(path, problems));
        Assert.Single(problems.All);
    }

    private static void Verifies(string text, string password)
    {
        var hash = PasswordHash.Parse(text, out var wrong);

        Assert.True(hash is not null, $"{text} {wrong}");
        Assert.True(hash.Verify(password));
        Assert.False(hash.Verify(password + " "));
        Assert.False(hash.Verify(""));
    }
}
