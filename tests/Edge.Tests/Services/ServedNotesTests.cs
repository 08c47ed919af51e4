using Edge.Services;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Served is said of what is served, and of nothing else.</summary>
public sealed class ServedNotesTests
{
    private const string NoPublic = "the view public has no addresses for a.x: set views.public.addresses in edge.yaml, or expose it to the lan only";
    private const string NoLan = "the view lan has no addresses for a.x: set views.lan.addresses in edge.yaml";

    [Theory]
    [InlineData("all is there", false, "live", "lan a.x 192.168.1.1; public a.x 203.0.113.1", true, "")]
    [InlineData("one view is enough, but it is told", false, "live", "lan a.x 192.168.1.1; public a.x -", true, NoPublic)]
    [InlineData("no view leads anywhere", false, "live", "lan a.x -; public a.x -", false, NoLan + "|" + NoPublic)]
    [InlineData("of a service of the LAN the public is told nothing", true, "live", "lan a.x 192.168.1.1; public a.x -", true, "")]
    [InlineData("nor does the public serve it", true, "live", "lan a.x -; public a.x 203.0.113.1", false, NoLan)]
    [InlineData("a zone file leads the name", false, "live", "lan a.x >b.x", true, "")]
    [InlineData("in no zone", false, "live", "lan b.x 192.168.1.1", false, "a.x lies in no zone of this Edge: its name must lead here by other means")]
    [InlineData("a refused route", false, "refused: a circle", "lan a.x 192.168.1.1", false, "its route is refused: a circle")]
    [InlineData("no route", false, null, "lan a.x 192.168.1.1", false, "the gateway has no route for it")]
    public void What_is_served(string why, bool lan, string? route, string names, bool served, string notes)
    {
        var state = State(lan ? Exposure.Lan : Exposure.Everywhere, ["a.x"], ["a.x"]);
        var known = new ServiceStatus([], [.. names.Split("; ").Select(Name)], route, []);

        var (isServed, said) = ServedNotes.Of(state, known, live: true);
        Assert.Equal((why, served, notes), (why, isServed, string.Join('|', said)));
    }

    [Fact]
    public void What_is_not_in_effect_or_not_yet_taken_is_not_served()
    {
        Assert.False(ServedNotes.Of(State(Exposure.Everywhere, ["a.x"], []), null, live: true).Served);
        Assert.False(ServedNotes.Of(State(Exposure.Everywhere, ["a.x"], ["a.x"]), null, live: false).Served);
        Assert.True(ServedNotes.Of(State(Exposure.Everywhere, ["a.x"], ["a.x"]), null, live: true).Served);
        Assert.Equal(["b.x belongs to another service"], ServedNotes.Of(State(Exposure.Everywhere, ["a.x", "b.x"], ["a.x"]), null, live: true).Notes);
    }

    private static RegistrationState State(Exposure expose, string[] hosts, string[] inEffect)
    {
        var registration = new Registration { Name = "a", Hosts = [.. hosts], To = [new Uri("http://h")], Expose = expose, TimeToLive = TimeSpan.FromMinutes(1), Owner = "t", Since = 0 };
        return new RegistrationState(registration, inEffect.Length == 0 ? null : registration.ToService(null) with { Hosts = [.. inEffect] }, null) { Revision = 1 };
    }

    private static ServiceStatus.ViewName Name(string text)
    {
        var words = text.Split(' ');
        return new ServiceStatus.ViewName(words[0], words[1], words[2][0] is '-' or '>' ? [] : [words[2]], words[2][0] == '>' ? words[2][1..] : null);
    }
}
