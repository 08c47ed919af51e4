using Edge.Dns.Signing;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Signing;

/// <summary>While it is not known what an ALIAS leads to, nothing may say that the name has no addresses: resolvers believe a proof (RFC 8198).</summary>
public sealed class UnresolvedAliasTests
{
    [Theory]
    [InlineData("cdn.example.com.", "TXT")]
    [InlineData("cdn.example.com.", "NSEC")]
    public void What_is_not_known_is_not_denied(string name, string type)
    {
        var held = new HeldZones();
        held.Put("example.com.", null, SignedZones.Text + "\ncdn ALIAS www.elsewhere.example.\n");
        using var manager = new ZoneManager([held], ["lan", "public"], NullLogger.Instance, TimeProvider.System);
        var server = new SignedServer(DenialMode.Compact) { Zones = manager.Current! };
        Assert.Equal(Rcode.ServFail, server.Ask(name, "A").Rcode);
        var message = server.Ask(name, type);
        var nsec = message.Answer.Concat(message.Authority).Single(record => record.Type == RecordType.NSEC);
        Assert.EndsWith(" A AAAA RRSIG NSEC", RecordText.Format(nsec), StringComparison.Ordinal);
    }
}
