using ARSoft.Tools.Net.Dns;
using ARSoft.Tools.Net.Dns.DynamicUpdate;
using Edge.Dns.Zones;
using Xunit;
using Arsoft = ARSoft.Tools.Net.DomainName;

namespace Edge.Dns.Tests.Update;

/// <summary>Clients of other people, and BIND doing the same.</summary>
public sealed class UpdateInteropTests
{
    /// <summary>One update a line, records separated by ";", as nsupdate takes them with "%" for the zone; all of them go to Edge and to BIND, one after the other.</summary>
    private static readonly string[] Updates =
    [
        "update add new% 60 A 192.0.2.7",
        "update add new% 120 A 192.0.2.8",
        "update add new% 120 A 192.0.2.8; update add new% 120 AAAA 2001:db8::8",
        "prereq nxdomain new%; update add other% 60 A 192.0.2.7",
        "prereq yxdomain none%; update add other% 60 A 192.0.2.7",
        "prereq yxdomain ent%; update add other% 60 A 192.0.2.7",
        "prereq nxdomain ent%; update add ent% 60 TXT \"in use now\"",
        "prereq yxrrset new% A; prereq nxrrset new% TXT; update delete new% A 192.0.2.7",
        "prereq nxrrset new% A; update delete new%",
        "prereq yxrrset new% TXT; update delete new%",
        "prereq yxrrset www% IN A 192.0.2.81; update delete www%",
        "prereq yxrrset www% IN A 192.0.2.81; prereq yxrrset www% IN A 192.0.2.80; update delete www% TXT",
        "prereq yxrrset alias% IN CNAME WWW.example.com.; update add alias% 30 CNAME only%",
        "prereq yxdomain www.example.net.; update delete www%",
        "update add www.example.net. 60 A 192.0.2.7",
        "update add www% 60 CNAME only%",
        "update add alias% 60 A 192.0.2.7",
        "update add alias% 60 TXT \"beside\"",
        "update delete alias%; update add alias% 60 TXT \"instead\"",
        "update delete only%; update add only% 60 CNAME www%",
        "update add fresh% 60 CNAME www%; update add fresh% 60 A 192.0.2.7",
        "update add both% 60 A 192.0.2.7; update add both% 60 CNAME www%",
        "update delete example.com. NS",
        "update delete example.com. SOA",
        "update delete example.com.",
        "update delete example.com. NS ns1%",
        "update delete example.com. NS ns2%",
        "update add example.com. 60 NS ns1%; update delete example.com. NS ns2%",
        "update delete example.com. NS ns1%; update add example.com. 60 NS ns2%; update delete example.com. NS ns1%",
        "update add example.com. 60 MX 10 www%; update add example.com. 60 MX 10 WWW%; update add example.com. 60 MX 20 www%",
        "update delete example.com. MX 10 WWW.EXAMPLE.COM.",
        "update add moved% 60 DNAME example.org.",
        "update add moved.x% 60 A 192.0.2.7; update delete moved.x%",
        "update delete moved% DNAME",
        "update add sub% 60 NS ns2.sub%; update add ns2.sub% 60 A 192.0.2.54",
        "update delete sub% NS ns.sub%",
        "update delete sub%",
        "update add *.star% 60 A 192.0.2.7; update delete star%",
        "update add a.b.c.d.e% 60 A 192.0.2.7; update delete c.d.e%",
        "update delete a.b.c.d.e% A",
        "update delete a.b.c.d.e% A",
        "update add UPPER% 60 TXT \"Case\"; update add upper% 60 TXT \"case\"",
        "update delete uPPer% TXT \"Case\"",
        "update add odd% 60 TYPE65280 \\# 3 0a0b0c; update add odd% 60 TYPE65280 \\# 0",
        "update delete odd% TYPE65280 \\# 3 0a0b0c",
        "update add zero% 0 A 192.0.2.7; update add zero% 0 A 192.0.2.7",
        "update add srv% 60 SRV 0 0 587 www%; update add svc% 60 HTTPS 1 . alpn=h2; update add caa% 60 CAA 0 issue \"ca.example.net\"",
        "update add www% 60 SOA ns1% hostmaster% 99 7200 900 1209600 300",
        "update delete none%; update delete none% A; update delete none% A 192.0.2.1",
        "update delete www% A 192.0.2.80; update add www% 300 A 192.0.2.80",
    ];

    [Fact]
    public async Task BIND_makes_the_same_of_the_same_updates()
    {
        using var bind = new UpdatedBind();
        await using var edge = new UpdateServer();
        Assert.Equal(bind.Lines(), edge.Lines());
        foreach (var update in Updates)
        {
            string[] lines = [.. update.Split("; "), "send"];
            var output = Programs.Nsupdate(edge.Port, "everything", lines);
            Assert.DoesNotMatch("syntax|unknown|not valid|could not", output);
            Assert.Equal($"{update}: {Programs.Nsupdate(bind.Port, "everything", lines)}", $"{update}: {output}");
            // Under which case a name is kept is nobody's business (RFC 4343 §4).
            Assert.Equal([update, .. Lowered(bind.Lines())], [update, .. Lowered(edge.Lines())]);
        }
    }

    [Fact]
    public async Task Nsupdate_is_told_what_is_wrong()
    {
        await using var edge = new UpdateServer(keys: ("phone", null, ["phone.example.com A"]));
        Assert.Equal("", Programs.Nsupdate(edge.Port, "phone", ["update add phone% 60 A 192.0.2.7", "send"]));
        Assert.Contains("phone.example.com. 60 IN A 192.0.2.7", edge.Lines());
        Assert.Contains("REFUSED", Programs.Nsupdate(edge.Port, "phone", ["update add phone% 60 AAAA ::1", "send"]), StringComparison.Ordinal);
        Assert.Contains("NOTAUTH(BADKEY)", Programs.Nsupdate(edge.Port, "stranger", ["update add phone% 60 A 192.0.2.8", "send"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_client_of_ARSoft_works(bool tcp)
    {
        await using var edge = new UpdateServer();
        var client = new DnsClient([System.Net.IPAddress.Loopback], [tcp ? new TcpClientTransport(edge.Port) : new UdpClientTransport(edge.Port)], true, 10_000);

        // 1. A new name, if it is free.
        var update = Signed();
        update.Prequisites.Add(new NameIsNotInUsePrequisite(Arsoft.Parse("new.example.com")));
        update.Updates.Add(new AddRecordUpdate(new ARecord(Arsoft.Parse("new.example.com"), 60, System.Net.IPAddress.Parse("192.0.2.7"))));
        update.Updates.Add(new AddRecordUpdate(new TxtRecord(Arsoft.Parse("new.example.com"), 60, "text")));
        Assert.Equal(ReturnCode.NoError, (await client.SendUpdateAsync(update, TestContext.Current.CancellationToken))?.ReturnCode);
        Assert.Equal(["new.example.com. 60 IN A 192.0.2.7", "new.example.com. 60 IN TXT \"text\""], edge.Lines().Where(line => line.StartsWith("new.", StringComparison.Ordinal)));

        // 2. It is not free any more.
        update = Signed();
        update.Prequisites.Add(new NameIsNotInUsePrequisite(Arsoft.Parse("new.example.com")));
        update.Updates.Add(new DeleteAllRecordsUpdate(Arsoft.Parse("new.example.com")));
        Assert.Equal(ReturnCode.YXDomain, (await client.SendUpdateAsync(update, TestContext.Current.CancellationToken))?.ReturnCode);

        // 3. Gone, if it is as expected.
        update = Signed();
        update.Prequisites.Add(new RecordExistsValueDependantPrequisite(new ARecord(Arsoft.Parse("new.example.com"), 0, System.Net.IPAddress.Parse("192.0.2.7"))));
        update.Updates.Add(new DeleteRecordUpdate(new TxtRecord(Arsoft.Parse("new.example.com"), 0, "text")));
        Assert.Equal(ReturnCode.NoError, (await client.SendUpdateAsync(update, TestContext.Current.CancellationToken))?.ReturnCode);
        Assert.Equal(["new.example.com. 60 IN A 192.0.2.7"], edge.Lines().Where(line => line.StartsWith("new.", StringComparison.Ordinal)));
    }

    private static IEnumerable<string> Lowered(IEnumerable<string> lines) =>
        lines.Select(line => line[..line.IndexOf(' ')].ToLowerInvariant() + line[line.IndexOf(' ')..]).Order(StringComparer.Ordinal);

    private static DnsUpdateMessage Signed() => new()
    {
        ZoneName = Arsoft.Parse("example.com"),
        TSigOptions = new TSigRecord(Arsoft.Parse("everything"), TSigAlgorithm.Sha256, DateTime.UtcNow, TimeSpan.FromMinutes(5), 0, ReturnCode.NoError, null, Convert.FromBase64String(UpdateServer.Secret)),
    };
}
