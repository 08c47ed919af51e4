using System.Collections.Immutable;
using System.Net;
using Edge.Dns.Wire;
using Edge.Names;
using Edge.Services;

namespace Edge.Tests.Names;

/// <summary>What follows from a service: addresses and an HTTPS record in each view that may see it.</summary>
public sealed class ServiceRecordsTests
{
    private static readonly ImmutableArray<ViewAddresses> Views =
    [
        new("lan", [IPAddress.Parse("192.168.1.10"), IPAddress.Parse("fd00::10")]),
        new("public", [IPAddress.Parse("203.0.113.10")]),
    ];

    [Fact]
    public void A_service_for_everybody_has_the_gateways_addresses_of_each_view()
    {
        var records = Records(Photos);
        Assert.Equal(
            ["lan A 192.168.1.10", "lan AAAA fd00::10", "lan HTTPS 00010000010003026832", "public A 203.0.113.10", "public HTTPS 00010000010003026832"],
            Said(records, "photos.nas.example.com"));
    }

    [Fact]
    public void A_service_for_the_LAN_has_no_name_anywhere_else() =>
        Assert.Equal(["lan A 192.168.1.10", "lan AAAA fd00::10", "lan HTTPS 00010000010003026832"], Said(Records(Photos with { Expose = Exposure.Lan }), "photos.nas.example.com"));

    [Fact]
    public void A_port_other_than_443_stands_in_the_HTTPS_record() =>
        Assert.Contains("public HTTPS 0001000001000302683200030002" + "20fb", Said(Records(Photos, httpsPort: 8443), "photos.nas.example.com"));

    [Fact]
    public void The_box_itself_and_everything_below_it_lead_to_the_gateway()
    {
        var records = Records(Photos);
        Assert.Contains("public A 203.0.113.10", Said(records, "nas.example.com"));
        Assert.Equal(["lan CNAME nas.example.com.", "public CNAME nas.example.com."], Said(records, "*.nas.example.com"));
    }

    [Fact]
    public void A_view_without_addresses_gets_no_names()
    {
        var records = new ServiceRecords(Name.Parse("nas.example.com"), [new("lan", []), Views[1]], TimeSpan.FromSeconds(60), 443);
        records.Apply(new ServiceSet(1, [Photos], []));
        Assert.DoesNotContain(records.Current.AllOverlay, record => record.View == "lan");
    }

    [Fact]
    public void New_addresses_replace_the_old_ones_and_the_change_is_told()
    {
        var records = Records(Photos);
        var told = 0;
        records.Changed += () => told++;
        records.Use(Views);
        Assert.Equal(0, told);
        records.Use([new("lan", [IPAddress.Parse("10.0.0.1")]), Views[1]]);
        Assert.Equal(1, told);
        Assert.Equal(["lan A 10.0.0.1"], Said(records, "photos.nas.example.com").Where(line => line.StartsWith("lan A ", StringComparison.Ordinal)));
    }

    [Fact]
    public void Each_record_says_which_service_it_follows_from() =>
        Assert.All(Records(Photos).Current.AllOverlay.Where(record => record.Record.Owner == Name.Parse("photos.nas.example.com")),
            record => Assert.Equal("service photos (proxy-routes/photos.yaml:3)", record.Record.Source.ToString()));

    [Fact]
    public void What_came_with_a_set_that_could_not_be_taken_comes_with_the_next()
    {
        var records = new ServiceRecords(Name.Parse("nas.example.com"), Views, TimeSpan.FromSeconds(60), 443);
        var bad = Photos with { Name = "bad", Hosts = ["no..name.example.com"] };
        Assert.ThrowsAny<Exception>(() => records.Apply(new ServiceSet(1, [bad, Photos], [])));
        records.Apply(new ServiceSet(2, [Photos], []));
        Assert.NotEmpty(Said(records, "photos.nas.example.com"));
    }

    private static Service Photos => new()
    {
        Name = "photos",
        Hosts = ["photos.nas.example.com"],
        To = [new Uri("http://192.168.1.20:2342")],
        Source = SourceKind.File,
        Where = "proxy-routes/photos.yaml:3",
    };

    private static ServiceRecords Records(Service service, int httpsPort = 443)
    {
        var records = new ServiceRecords(Name.Parse("nas.example.com"), Views, TimeSpan.FromSeconds(60), httpsPort);
        records.Apply(new ServiceSet(1, [service], []));
        return records;
    }

    private static string[] Said(ServiceRecords records, string owner) =>
    [
        .. records.Current.AllOverlay.Where(record => record.Record.Owner == Name.Parse(owner)).Select(record => $"{record.View} {record.Record.Type} " + record.Record.Type switch
        {
            RecordType.A or RecordType.AAAA => new IPAddress(record.Record.Data.Wire).ToString(),
            RecordType.CNAME => Name.FromWire(record.Record.Data.Wire).ToString(),
            _ => Convert.ToHexStringLower(record.Record.Data.Wire),
        }),
    ];
}
