using Xunit;

namespace Edge.Tests.HouseRules;

/// <summary>Rooms use only the rooms they may: ARCHITECTURE.md draws the arrows, this holds them over the compiled code.</summary>
public sealed class ArrowTests
{
    private static readonly RoomPlan House = new(Room, new Dictionary<string, string[]>
    {
        ["Dns.Files"] = [],
        ["Dns.Snapshots"] = [],
        ["Dns.Wire"] = [],
        ["Dns.Dnssec"] = ["Dns.Wire"],
        ["Dns.Zones"] = ["Dns.Files", "Dns.Snapshots", "Dns.Wire"],
        ["Dns.Views"] = ["Dns.Zones"],
        ["Dns.Multicast"] = ["Dns.Wire", "Dns.Dnssec"],
        ["Dns.Queries"] = ["Dns.Wire"],
        ["Dns.Resolver"] = ["Dns.Files", "Dns.Wire", "Dns.Dnssec", "Dns.Zones", "Dns.Queries"],
        ["Dns.Signing"] = ["Dns.Files", "Dns.Wire", "Dns.Dnssec", "Dns.Zones"],
        ["Dns.Tsig"] = ["Dns.Wire"],
        ["Dns.Filtering"] = ["Dns.Wire", "Dns.Views"],
        ["Dns.Nameserver"] = ["Dns.Wire", "Dns.Zones", "Dns.Views", "Dns.Resolver", "Dns.Filtering", "Dns.Queries", "Dns.Signing", "Dns.Tsig"],
        ["Dns.Transfer"] = ["Dns.Files", "Dns.Wire", "Dns.Zones", "Dns.Views", "Dns.Signing", "Dns.Tsig", "Dns.Nameserver"],
        ["Dns.Update"] = ["Dns.Files", "Dns.Wire", "Dns.Zones", "Dns.Views", "Dns.Tsig", "Dns.Nameserver"],
        ["Dns.Listeners"] = ["Dns.Nameserver", "Dns.Wire"],
        ["Settings"] = ["Dns.Files"],
        ["Stores"] = ["Settings"],
        ["Observability"] = ["Settings"],
        ["Services"] = ["Settings", "Stores", "Dns.Snapshots"],
        ["Docker"] = ["Settings", "Services", "Dns.Snapshots"],
        ["Names"] = ["Dns.Files", "Dns.Snapshots", "Settings", "Services", "Dns.Wire", "Dns.Zones", "Dns.Views", "Dns.Resolver", "Dns.Filtering", "Dns.Queries", "Dns.Signing", "Dns.Tsig", "Dns.Nameserver", "Dns.Transfer", "Dns.Update", "Dns.Listeners", "Dns.Multicast"],
        ["Acme"] = [],
        ["Client"] = [],
        ["Certificates"] = ["Acme", "Dns.Files", "Dns.Snapshots", "Settings", "Stores", "Services", "Dns.Zones", "Dns.Wire", "Dns.Resolver"],
        ["AcmeServer"] = ["Acme", "Settings", "Stores", "Certificates", "Dns.Wire"],
        ["AcmeDns"] = ["Settings", "Stores", "Dns.Wire", "Dns.Zones"],
        ["DynamicDns"] = ["Settings", "Services", "Stores", "Dns.Wire", "Dns.Zones", "Dns.Snapshots", "Dns.Update"],
        ["Outward"] = ["Settings", "Services", "Stores", "Dns.Files", "Dns.Wire", "Dns.Tsig"],
        ["PortMapping"] = ["Settings", "Dns.Files"],
        ["Access"] = ["Settings", "Services", "Stores", "Dns.Files", "Dns.Nameserver"],
        ["Connections"] = [],
        ["Restart"] = ["Connections"],
        ["Streams"] = ["Acme", "Connections", "Settings", "Services", "Dns.Snapshots"],
        ["Gateway"] = ["Acme", "Connections", "Settings", "Observability", "Services", "Streams", "Access", "Certificates", "Dns.Views", "Dns.Nameserver", "Dns.Files", "Dns.Snapshots"],
        ["Admin"] = ["*"],
        ["Program"] = ["*"],
    });

    [Fact]
    public void Every_type_stands_in_a_room()
    {
        var lost = Binaries.Source.SelectMany(Binaries.Written)
            .Where(type => type.FullName != "Program" && (House.RoomOf(type) is not { } room || !House.Knows(room)))
            .Select(type => type.FullName);
        Offences.None(lost);
    }

    [Fact]
    public void Rooms_use_only_the_rooms_they_may()
    {
        var forbidden = Binaries.Source.SelectMany(Binaries.Written)
            .SelectMany(House.Arrows)
            .Where(arrow => !House.Allows(arrow))
            .Select(arrow => arrow.ToString());
        Offences.None(forbidden);
    }

    [Fact]
    public void The_rooms_are_seen_at_all()
    {
        var seen = Binaries.Source.SelectMany(Binaries.Written).SelectMany(House.Arrows).ToList();
        Assert.Contains(seen, arrow => arrow is { From: "Dns.Zones", To: "Dns.Wire" });
    }

    [Fact]
    public void The_engine_does_not_know_the_program()
    {
        Assert.DoesNotContain(Binaries.Engine.AssemblyReferences, reference => reference.Name == "edge");
        Assert.DoesNotContain(Binaries.Engine.AssemblyReferences, reference => reference.Name.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
    }

    [Fact]
    public void The_client_for_certificates_knows_nobody() =>
        Assert.DoesNotContain(Binaries.Acme.AssemblyReferences, reference => reference.Name.StartsWith("edge", StringComparison.OrdinalIgnoreCase));

    [Fact]
    public void The_client_for_applications_needs_nothing_but_the_framework() =>
        Assert.All(Binaries.Client.AssemblyReferences, reference => Assert.Matches(@"^(System|Microsoft\.AspNetCore|Microsoft\.Extensions)\b", reference.Name));

    /// <summary>A door that never closes proves nothing: every way of using a type is planted once, and must be seen.</summary>
    [Theory]
    [MemberData(nameof(PlantedUses))]
    public void A_planted_use_is_seen(string planted)
    {
        var type = Binaries.Tests.GetType("Edge.Tests.HouseRules.Planted.Upper.Uses").NestedTypes.Single(type => type.Name == planted);
        Assert.Contains(Planted().Arrows(type), arrow => arrow is { From: "Upper", To: "Lower" } && !Planted().Allows(arrow));
    }

    [Fact]
    public void A_type_that_uses_nothing_is_clean()
    {
        var type = Binaries.Tests.GetType("Edge.Tests.HouseRules.Planted.Upper.Innocent");
        Assert.Empty(Planted().Arrows(type));
    }

    public static TheoryData<string> PlantedUses() =>
        [.. Binaries.Tests.GetType("Edge.Tests.HouseRules.Planted.Upper.Uses").NestedTypes.Where(type => !type.Name.StartsWith('<')).Select(type => type.Name)];

    private static RoomPlan Planted() => new(
        static space => space.StartsWith("Edge.Tests.HouseRules.Planted.", StringComparison.Ordinal) ? space["Edge.Tests.HouseRules.Planted.".Length..] : null,
        new Dictionary<string, string[]> { ["Upper"] = [], ["Lower"] = [] });

    // Edge.Dns.Zones.Anything is the room Dns.Zones, Edge.Certificates.Acme the room Certificates, Edge itself Program.
    // In no namespace stand only what the compiler adds and the class around the statements of Program.cs.
    private static string? Room(string space)
    {
        if (space is "Edge")
        {
            return "Program";
        }

        var steps = space.Split('.');
        return steps[0] != "Edge" ? null
            : steps[1] == "Dns" ? string.Join('.', steps.Skip(1).Take(2))
            : steps[1];
    }
}
