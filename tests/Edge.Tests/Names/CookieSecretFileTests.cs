using System.Net;
using Edge.Dns.Nameserver;
using Edge.Dns.Views;
using Edge.Dns.Wire;
using Edge.Names;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Edge.Tests.Names;

/// <summary>The file of cookie secrets: made, followed, rotated, and never lost to a mistake.</summary>
public sealed class CookieSecretFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edge-cookies-").FullName;
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);

    private string FilePath => Path.Combine(_folder, CookieSecretFile.FileName);

    private string[] Secrets => [.. File.ReadLines(FilePath).Where(line => line.Length == 32)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private CookieSecretFile Open() => CookieSecretFile.Open(_folder, _time, NullLogger.Instance);

    [Fact]
    public void It_is_made_for_its_owner_alone_and_read_again()
    {
        using (Open())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        }

        var made = Assert.Single(Secrets);
        using (Open())
        {
            Assert.Equal(made, Assert.Single(Secrets));
        }
    }

    [Fact]
    public void After_a_month_a_new_secret_comes_first_and_the_one_before_stays()
    {
        using var file = Open();
        var first = Assert.Single(Secrets);
        _time.Advance(TimeSpan.FromDays(29));
        Assert.Equal(first, Assert.Single(Secrets));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.Equal(2, Secrets.Length);
        Assert.Equal(first, Secrets[1]);
        Assert.NotEqual(first, Secrets[0]);
    }

    [Fact]
    public void Without_the_line_rotate_it_is_left_as_it_is()
    {
        File.WriteAllText(FilePath, "00112233445566778899aabbccddeeff\n");
        using var file = Open();
        _time.Advance(TimeSpan.FromDays(365));
        Assert.Equal("00112233445566778899aabbccddeeff\n", File.ReadAllText(FilePath));
    }

    [Theory]
    [InlineData("no hex")]
    [InlineData("0011")]
    [InlineData("# nothing but this")]
    public void A_mistake_leaves_the_secrets_in_use(string text)
    {
        using var file = Open();
        var cookie = new byte[8];
        Assert.Equal(Rcode.NoError, Ask(file, ref cookie));
        File.WriteAllText(FilePath, text);
        File.SetLastWriteTimeUtc(FilePath, DateTime.UtcNow.AddSeconds(5));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Rcode.NoError, Ask(file, ref cookie));
    }

    [Fact]
    public void Boxes_with_the_same_file_accept_each_others_cookies()
    {
        File.WriteAllText(FilePath, "00112233445566778899aabbccddeeff\n");
        using var one = Open();
        using var other = Open();
        var cookie = new byte[8];
        Assert.Equal(Rcode.NoError, Ask(one, ref cookie));
        Assert.Equal(24, cookie.Length);
        Assert.Equal(Rcode.NoError, Ask(other, ref cookie));

        // The change of a file is taken over: cookies of a secret that is gone are not good any more.
        File.WriteAllText(FilePath, "ffeeddccbbaa99887766554433221100\n");
        File.SetLastWriteTimeUtc(FilePath, DateTime.UtcNow.AddSeconds(5));
        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Rcode.BadCookie, Ask(other, ref cookie));
    }

    // RFC 7873 §5.4: a query without a question, which only asks whether the cookie is good, and for a new one.
    private Rcode Ask(CookieSecretFile file, ref byte[] cookie)
    {
        var processor = new QueryProcessor(() => null, () => new ViewSet([]), null, options: new NameserverOptions { Cookies = file.Cookies, Time = _time });
        var query = new Message { Edns = new Edns(1232) { Options = [new EdnsOption(EdnsOption.CookieOption, cookie)] } };
        var answer = new byte[1232];
        processor.Process(query.ToArray(), new QueryContext(ClientAddress.From(IPAddress.Loopback), Transport.Udp), answer, out var length);
        Assert.True(Message.TryParse(answer.AsSpan(0, length), out var read, out _));
        cookie = read.Edns!.Options.Single().Data.ToArray();
        return read.Rcode;
    }
}
