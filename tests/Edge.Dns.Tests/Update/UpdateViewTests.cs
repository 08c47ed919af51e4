using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>A key with a view changes that view's version of the zone; a key without one the zone itself. A change back to the file is none.</summary>
public sealed class UpdateViewTests
{
    private const string Lan = """
        $TTL 60
        www      A     192.168.1.80
        """;

    [Fact]
    public void A_key_without_a_view_changes_the_zone_and_not_what_a_view_declares()
    {
        var zone = new UpdatedZone(lan: Lan);
        Assert.Equal(Rcode.NoError, zone.Send(UpdatedZone.Everything, ["delete www A", "delete only"]));
        Assert.DoesNotContain(zone.Lines(), line => line.StartsWith("www.example.com. 300 IN A", StringComparison.Ordinal));
        Assert.Contains("www.example.com. 60 IN A 192.168.1.80", zone.Lines("lan"));
        Assert.DoesNotContain(zone.Lines("lan"), line => line.StartsWith("only.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_key_with_a_view_changes_what_that_view_has()
    {
        var zone = new UpdatedZone(lan: Lan);
        var before = zone.Lines();
        var key = UpdatedZone.KeyOf("lan", "* ANY");
        Assert.Equal(Rcode.NoError, zone.Send(key, ["prereq yxrrset www A 192.168.1.80", "prereq nxrrset www TXT", "add www 60 A 192.168.1.81", "delete only"]));
        Assert.Contains("www.example.com. 60 IN A 192.168.1.81", zone.Lines("lan"));
        Assert.DoesNotContain(zone.Lines("lan"), line => line.StartsWith("only.", StringComparison.Ordinal));
        Assert.Equal(before, zone.Lines());
    }

    [Fact]
    public void A_view_sees_a_change_of_the_zone_through_its_own()
    {
        var zone = new UpdatedZone(lan: Lan);
        var lan = UpdatedZone.KeyOf("lan", "* ANY");
        Assert.Equal(Rcode.NoError, zone.Send(lan, ["add only 300 AAAA 2001:db8::9"]));
        Assert.Equal(Rcode.NoError, zone.Send(UpdatedZone.Everything, ["delete only A", "add only 300 A 192.0.2.10"]));
        Assert.Equal(["only.example.com. 300 IN A 192.0.2.10", "only.example.com. 300 IN AAAA 2001:db8::9"], zone.Lines("lan").Where(line => line.StartsWith("only.", StringComparison.Ordinal)));
        Assert.Equal(["only.example.com. 300 IN A 192.0.2.10"], zone.Lines().Where(line => line.StartsWith("only.", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("lan")]
    public void What_is_as_the_file_has_it_again_is_no_change(string? view)
    {
        var zone = new UpdatedZone(lan: Lan);
        var key = UpdatedZone.KeyOf(view, "* ANY");
        Assert.Equal(Rcode.NoError, zone.Send(key, ["add new 60 TXT x", "delete only A"]));
        Assert.Equal(2, zone.Changes.All.Count());
        Assert.Equal(Rcode.NoError, zone.Send(key, ["delete new TXT x", "add only 300 A 192.0.2.9"]));
        Assert.Empty(zone.Changes.All);
    }

    [Fact]
    public void A_change_of_a_view_that_is_as_the_zone_has_it_is_none()
    {
        var zone = new UpdatedZone(lan: Lan);
        var lan = UpdatedZone.KeyOf("lan", "* ANY");
        Assert.Equal(Rcode.NoError, zone.Send(UpdatedZone.Everything, ["add only 300 A 192.0.2.10"]));
        Assert.Equal(Rcode.NoError, zone.Send(lan, ["delete only A 192.0.2.10"]));
        Assert.Equal(Rcode.NoError, zone.Send(lan, ["add only 300 A 192.0.2.10"]));
        Assert.Null(Assert.Single(zone.Changes.All).View);
    }
}
