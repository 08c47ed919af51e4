using System.Collections.Immutable;
using System.Net;
using Edge.Acme;
using Edge.Certificates;
using Edge.Tests.Certificates.Acme;
using Xunit;

namespace Edge.Tests.Certificates;

/// <summary>What <c>edge certs renew</c>, <c>revoke</c> and <c>rollover</c> do.</summary>
public sealed class CertificateDeskTests : IDisposable
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();
    private readonly FakeAcmeServer _server = new();
    private readonly ShiftedTime _time = new();

    public CertificateDeskTests() => _server.Now = _time.GetUtcNow;

    [Theory]
    [InlineData("keyCompromise", 1)]
    [InlineData("superseded", 4)]
    [InlineData("UNSPECIFIED", 0)]
    public async Task A_revoked_certificate_is_out_of_service_at_once_and_replaced_by_one_with_another_key(string reason, int code)
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var held = room.Selector.Select("nas.example.test")!;
            var key = await File.ReadAllTextAsync(Path.ChangeExtension(held.Path, ".key"), Cancel);
            Assert.Contains(held.Leaf.SerialNumber, await desk.RevokeAsync("nas.example.test", reason, Cancel));
            Assert.False(ReferenceEquals(held, room.Selector.Select("nas.example.test")));
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir" && File.Exists(held.Path), () => string.Join("\n", room.Log.Lines));
            Assert.Equal((code, false), Assert.Single(_server.Revocations));
            Assert.NotEqual(key, await File.ReadAllTextAsync(Path.ChangeExtension(held.Path, ".key"), Cancel));
            Assert.Equal(key, await File.ReadAllTextAsync(Path.ChangeExtension(held.Path, ".key") + ".compromised", Cancel));
            Assert.Equal(1, CertificateNumbers.Of(room.Manager).Revoked);
        }
    }

    /// <summary>A crash, or a disk that was full, leaves the order of the certificate behind, with its key.</summary>
    [Fact]
    public async Task A_revoked_certificate_does_not_come_back_by_its_order()
    {
        var orders = Path.Combine(_folder.Path, "acme", "ca.test-dir", "orders");
        string? left = null;
        _server.Afterwards = line =>
        {
            left ??= line.StartsWith("POST /certificate/", StringComparison.Ordinal) ? File.ReadAllText(Assert.Single(Directory.GetFiles(orders))) : null;
            return null;
        };
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var held = room.Selector.Select("nas.example.test")!;
            await Eventually.TrueAsync(() => Directory.GetFiles(orders).Length == 0, () => "the order is not settled");
            await File.WriteAllTextAsync(Path.Combine(orders, "wildcard_.nas.example.test.json"), left, Cancel);
            await desk.RevokeAsync("nas.example.test", "keyCompromise", Cancel);
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
            Assert.NotEqual(held.Leaf.GetPublicKeyString(), room.Selector.Select("nas.example.test")!.Leaf.GetPublicKeyString());
        }
    }

    [Fact]
    public async Task While_the_order_of_a_revoked_certificate_cannot_be_put_away_nothing_is_ordered()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var held = room.Selector.Select("nas.example.test")!;
            var files = new FilesThatStay(AcmeFolder.Of(_folder.Path, FakeAcmeServer.Directory));
            var stuck = new CertificateDesk(room.Manager, [new PublicIssuer(RunningRoom.Issuer(_folder.Path, FakeAcmeServer.Directory, _server, _time, new LogLines(), files))], room.Log);
            await Assert.ThrowsAsync<IOException>(() => stuck.RevokeAsync("nas.example.test", "keyCompromise", Cancel));
            Assert.Same(held, room.Selector.Select("nas.example.test"));

            // With the disk mended the same command ends it.
            await desk.RevokeAsync("nas.example.test", "keyCompromise", Cancel);
            Assert.NotSame(held, room.Selector.Select("nas.example.test"));
        }
    }

    [Fact]
    public async Task A_CA_that_does_not_know_us_takes_the_word_of_the_certificates_own_key()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var first = true;
            _server.Script = line => line == "POST /revoke" && first && !(first = false) ? _server.Problem(HttpStatusCode.Forbidden, "unauthorized") : null;
            await desk.RevokeAsync("*.nas.example.test", "keyCompromise", Cancel);
            Assert.Equal((1, true), Assert.Single(_server.Revocations));
        }
    }

    [Fact]
    public async Task Killed_when_the_CA_had_revoked_it_the_same_command_ends_what_was_begun()
    {
        string key;
        var (killed, first) = await ServingAsync();
        await using (killed)
        {
            key = killed.Selector.Select("nas.example.test")!.Leaf.GetPublicKeyString();
            _server.Afterwards = line => line == "POST /revoke" ? throw new KilledException() : null;
            await Assert.ThrowsAsync<KilledException>(() => first.RevokeAsync("nas.example.test", "keyCompromise", Cancel));
            _server.Afterwards = _ => null;
        }

        var (room, desk) = await ServingAsync();
        await using (room)
        {
            Assert.Equal(key, room.Selector.Select("nas.example.test")!.Leaf.GetPublicKeyString());
            _server.Script = line => line == "POST /revoke" ? _server.Problem(HttpStatusCode.BadRequest, "alreadyRevoked") : null;
            await desk.RevokeAsync("nas.example.test", "keyCompromise", Cancel);
            await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir", () => string.Join("\n", room.Log.Lines));
            Assert.NotEqual(key, room.Selector.Select("nas.example.test")!.Leaf.GetPublicKeyString());
        }
    }

    [Fact]
    public async Task What_the_CA_does_not_revoke_serves_on()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var held = room.Selector.Select("nas.example.test");
            _server.Script = line => line == "POST /revoke" ? _server.Problem(HttpStatusCode.Forbidden, "badRevocationReason") : null;
            await Assert.ThrowsAsync<AcmeException>(() => desk.RevokeAsync("nas.example.test", "superseded", Cancel));
            Assert.Same(held, room.Selector.Select("nas.example.test"));
        }
    }

    [Fact]
    public async Task A_certificate_can_be_renewed_before_its_time()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var held = room.Selector.Select("nas.example.test");
            desk.Renew("nas.example.test");
            await Eventually.TrueAsync(() => !ReferenceEquals(held, room.Selector.Select("nas.example.test")), () => string.Join("\n", room.Log.Lines));
            Assert.Equal(2, _server.Orders.Count);
        }
    }

    [Fact]
    public async Task The_account_gets_another_key()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            var path = AcmeFolder.Of(_folder.Path, FakeAcmeServer.Directory).PathOf("account.key");
            var key = await File.ReadAllTextAsync(path, Cancel);
            Assert.Contains("has a new key", await desk.RollOverAsync("ca.test-dir", Cancel));
            Assert.NotEqual(key, await File.ReadAllTextAsync(path, Cancel));
            Assert.Contains("ca.test-dir", (await Assert.ThrowsAsync<IssuanceException>(() => desk.RollOverAsync("other", Cancel))).Message);
        }
    }

    [Fact]
    public async Task What_is_not_there_is_told_with_what_is()
    {
        var (room, desk) = await ServingAsync();
        await using (room)
        {
            Assert.Contains("there are *.nas.example.test", Assert.Throws<IssuanceException>(() => desk.Renew("photos.example.org")).Message);
            Assert.Contains("there are *.nas.example.test", (await Assert.ThrowsAsync<IssuanceException>(() => desk.RevokeAsync("", "superseded", Cancel))).Message);
            Assert.Contains("keyCompromise", (await Assert.ThrowsAsync<IssuanceException>(() => desk.RevokeAsync("nas.example.test", "boredom", Cancel))).Message);
        }
    }

    /// <summary>A certificate of 100 days.</summary>
    [Theory]
    [InlineData(50, 0)]
    [InlineData(79, 0)]
    [InlineData(81, 1)]
    [InlineData(96, 2)]
    [InlineData(100, 3)]
    public void The_end_of_a_certificate_is_told_by_the_share_of_its_life(int day, int level) =>
        Assert.Equal(level, ExpiryWatch.Level(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(100), DateTimeOffset.UnixEpoch.AddDays(day)));

    [Fact]
    public async Task The_end_is_said_once_for_each_share_with_the_reason()
    {
        var (room, _) = await ServingAsync();
        await using (room)
        {
            _server.Script = _ => throw new HttpRequestException("down");
            foreach (var day in new[] { 80, 87, 91 })
            {
                _time.Jump(TimeSpan.FromDays(day) - (_time.GetUtcNow() - room.Selector.Select("nas.example.test")!.NotBefore));
                room.Manager.Wake();
                await Eventually.TrueAsync(() => room.Log.Lines.Any(line => line.Contains(day == 80 ? " 4115 " : day == 87 ? " 4116 " : " 4117 ")), () => string.Join("\n", room.Log.Lines));
                if (day == 91)
                {
                    break;
                }
            }

            Assert.All([" 4115 ", " 4116 ", " 4117 "], id => Assert.Single(room.Log.Lines, line => line.Contains(id)));
        }
    }

    public void Dispose()
    {
        Assert.Empty(_server.Violations);
        _folder.Dispose();
    }

    private async Task<(RunningRoom Room, CertificateDesk Desk)> ServingAsync()
    {
        ImmutableArray<PublicIssuer> issuers = [new PublicIssuer(RunningRoom.Issuer(_folder.Path, FakeAcmeServer.Directory, _server, _time, new LogLines()))];
        var room = new RunningRoom(_folder.Path, _server, _time, issuers: issuers);
        await Eventually.TrueAsync(() => room.IssuerOf("nas.example.test") == "ca.test-dir" && File.Exists(room.Selector.Select("nas.example.test")!.Path), () => string.Join("\n", room.Log.Lines));
        return (room, new CertificateDesk(room.Manager, issuers, room.Log));
    }
    private sealed class FilesThatStay(IAcmeFiles files) : IAcmeFiles
    {
        public string PathOf(string name) => files.PathOf(name);

        public string? Read(string name) => files.Read(name);

        public void Write(string name, string text) => files.Write(name, text);

        public void Delete(string name) => throw new IOException("Read-only file system");
    }
}
