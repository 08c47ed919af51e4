using System.Collections.Immutable;
using Edge.Dns.Signing;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Signing;
using Edge.Dns.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Transfer;

/// <summary>A zone that is signed here reaches secondaries signed, whole and in changes, in either horizon.</summary>
public sealed class SignedTransferTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-signed");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("BIND", "lan-key.", "lan")]
    [InlineData("BIND", "public-key.", "public")]
    [InlineData("Knot", "lan-key.", "lan")]
    [InlineData("Knot", "public-key.", "public")]
    [InlineData("NSD", "lan-key.", "lan")]
    [InlineData("NSD", "public-key.", "public")]
    public async Task What_the_secondary_holds_validates_at_every_serial(string program, string key, string view)
    {
        var signing = new SigningManager(
            new KeyFolder(Path.Combine(_folder.FullName, "keys")), ImmutableDictionary<Name, ZoneSigningOptions>.Empty.Add(Name.Parse("example.com."), new ZoneSigningOptions()), TimeProvider.System, NullLogger.Instance);
        await using var peer = new PeerProcess();
        var policy = new TransferPolicy([KeyValuePair.Create(Name.Parse("example.com."), ImmutableArray.Create(new TransferPeer(peer.EndPoint, Name.Parse(key))))], []);
        await using var server = new TransferringServer(policy, signing: signing);
        peer.StartSecondary(program, server.Port, key.TrimEnd('.'));
        foreach (var serial in (uint[])[10, 11, 12])
        {
            if (serial > 10)
            {
                server.Change(serial, $"new{serial} A 192.0.2.{serial}\n");
            }

            await peer.UntilSerial("example.com", serial);
            var file = Path.Combine(_folder.FullName, "held.zone");
            await File.WriteAllLinesAsync(file, Dig.Records($"@127.0.0.1 -p {peer.Port} example.com AXFR"), TestContext.Current.CancellationToken);
            var (code, output) = Tool.Run("dnssec-verify", "-z", "-o", "example.com", file);
            Assert.True(code == 0, $"{program} {view} {serial}: {output}");
        }

        await server.UntilLogged($"({view}) serial 12 was sent to 127.0.0.1 as IXFR");
    }
}
