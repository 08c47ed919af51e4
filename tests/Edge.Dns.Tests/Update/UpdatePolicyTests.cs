using System.Collections.Immutable;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>What the owner of a key may change: names and types.</summary>
public sealed class UpdatePolicyTests
{
    [Theory]
    [InlineData("www.example.com", "www.example.com", true)]
    [InlineData("www.example.com.", "WWW.Example.COM", true)]
    [InlineData("www.example.com", "a.www.example.com", false)]
    [InlineData("www.example.com", "example.com", false)]
    [InlineData("*.example.com", "www.example.com", true)]
    [InlineData("*.example.com", "a.b.c.example.com", true)]
    [InlineData("*.example.com", "*.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", "example.net", false)]
    [InlineData("*.example.com", "notexample.com", false)]
    [InlineData("_acme-challenge.*.example.com", "_acme-challenge.www.example.com", true)]
    [InlineData("_acme-challenge.*.example.com", "_acme-challenge.a.b.example.com", true)]
    [InlineData("_acme-challenge.*.example.com", "_acme-challenge.example.com", false)]
    [InlineData("_acme-challenge.*.example.com", "www.example.com", false)]
    [InlineData("_acme-challenge.*.example.com", "x._acme-challenge.www.example.com", false)]
    [InlineData("host-*.example.com", "host-7.example.com", true)]
    [InlineData("host-*.example.com", "HOST-.example.com", true)]
    [InlineData("host-*.example.com", "host-7.a.example.com", false)]
    [InlineData("host-*-x.example.com", "host-a-b-x.example.com", true)]
    [InlineData("host-*-x.example.com", "host-a-b-y.example.com", false)]
    [InlineData("*", "www.example.com", true)]
    [InlineData("*", "com", true)]
    [InlineData("self", "laptop.dyn.example.com", true)]
    [InlineData("self", "other.dyn.example.com", false)]
    [InlineData("self", "a.laptop.dyn.example.com", false)]
    [InlineData("_acme-challenge.self", "_acme-challenge.laptop.dyn.example.com", true)]
    [InlineData("*.self", "a.b.laptop.dyn.example.com", true)]
    [InlineData("*.self", "laptop.dyn.example.com", false)]
    [InlineData("self.example.com", "self.example.com", true)]
    public void A_pattern_stands_for_names(string pattern, string name, bool matches)
    {
        Assert.True(UpdateNames.TryParse(pattern, Name.Parse("laptop.dyn.example.com."), out var names, out var error), error);
        Assert.Equal(matches, names.Matches(Name.Parse(name)));
    }

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("a..b A", "is not a name")]
    [InlineData("www.example.com TTX", "\"TTX\" is not a record type")]
    [InlineData("www.example.com AXFR", "\"AXFR\" is not a record type")]
    [InlineData("www.example.com other.example.com A", "\"other.example.com\" is not a record type; a rule is one name and then types")]
    public void A_rule_that_is_none_is_told(string text, string error)
    {
        Assert.False(UpdateRule.TryParse(text, Name.Parse("laptop.dyn.example.com."), out _, out var told));
        Assert.Contains(error, told);
    }

    [Fact]
    public void Self_needs_a_key_that_is_named_like_a_host()
    {
        Assert.False(UpdateRule.TryParse("self A", Name.Parse("laptop"), out _, out var error));
        Assert.Contains("\"laptop\" is the name of no host", error);
    }

    public static TheoryData<string, string[], string[], bool> Cases => new()
    {
        { "a rule's name and type", ["new.example.com A"], ["add new 60 A 192.0.2.7"], true },
        { "another type", ["new.example.com A"], ["add new 60 AAAA 2001:db8::7"], false },
        { "another name", ["new.example.com A"], ["add other 60 A 192.0.2.7"], false },
        { "one of several rules", ["x.example.com A", "new.example.com A"], ["add new 60 A 192.0.2.7"], true },
        { "all or nothing", ["new.example.com A"], ["add new 60 A 192.0.2.7", "add other 60 A 192.0.2.7"], false },
        { "a rule without types is for all usual ones", ["new.example.com"], ["add new 60 A 192.0.2.7", "add new 60 TYPE65280 \\# 0"], true },
        { "and not for a delegation", ["*.example.com"], ["add new 60 NS ns1"], false },
        { "nor for a redirection", ["*.example.com"], ["add new 60 DNAME example.net."], false },
        { "nor for the SOA", ["*", "example.com"], ["add @ 60 SOA ns1 hostmaster 99 7200 900 1209600 300"], false },
        { "nor for DS", ["*.example.com"], ["add sub 60 DS 1 13 2 0000000000000000000000000000000000000000000000000000000000000000"], false },
        { "a rule that names NS is for NS", ["*.example.com NS"], ["add new 60 NS ns1"], true },
        { "ANY is every type", ["* ANY"], ["add new 60 NS ns1", "add @ 60 SOA ns1 hostmaster 99 7200 900 1209600 300"], true },
        { "deleting a record needs its type", ["www.example.com A"], ["delete www TXT one"], false },
        { "deleting a set needs its type", ["www.example.com A"], ["delete www A"], true },
        { "deleting a name needs every type that is there", ["www.example.com A"], ["delete www"], false },
        { "all of them", ["www.example.com A TXT"], ["delete www"], true },
        { "deleting a name where nothing is needs some rule", ["none.example.com TXT"], ["delete none"], true },
        { "and is refused without one", ["www.example.com"], ["delete none"], false },
        { "the apex without SOA and NS", ["example.com MX"], ["delete @"], true },
        { "what only a prerequisite is about needs no rule", ["new.example.com A"], ["prereq yxrrset www TXT", "add new 60 A 192.0.2.7"], true },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_key_may_do_what_its_rules_say(string title, string[] rules, string[] lines, bool allowed)
    {
        Assert.NotEmpty(title);
        var zone = new UpdatedZone();
        var before = zone.Lines();
        Assert.Equal(allowed ? Rcode.NoError : Rcode.Refused, zone.Send(UpdatedZone.KeyOf(null, rules), lines));
        Assert.True(allowed || before.SetEquals(zone.Lines()));
    }

    [Fact]
    public void A_refusal_says_who_may_not_do_what() =>
        Assert.Equal(
            "key laptop.dyn.example.com may not change www.example.com. TXT",
            new UpdatedZone().Send(UpdatedZone.KeyOf(null, "www.example.com A"), UpdateText.Message(UpdatedZone.Origin, ["delete www"])).Why);

    [Fact]
    public void A_name_of_a_service_goes_with_its_registration()
    {
        ImmutableArray<OverlayRecord> overlay = [new(null, RecordText.Parse("photos.example.com. 60 IN A 192.0.2.5") with { Source = new RecordSource("service photos") }, OverlayMode.Fill)];
        var zone = new UpdatedZone { Overlay = overlay };
        var (rcode, why) = zone.Send(UpdatedZone.Everything, UpdateText.Message(UpdatedZone.Origin, ["add photos 60 TXT x"]));
        Assert.Equal(Rcode.Refused, rcode);
        Assert.Contains("photos.example.com. is a name of service photos", why);
        Assert.Equal(Rcode.YxDomain, zone.Send(UpdatedZone.Everything, ["prereq nxdomain photos"]));
    }

    [Fact]
    public void An_answer_to_a_challenge_stays_beside_what_an_update_puts_there()
    {
        ImmutableArray<OverlayRecord> overlay = [new(null, RecordText.Parse("_acme-challenge.example.com. 60 IN TXT \"ours\"") with { Source = new RecordSource("challenge") }, OverlayMode.Add)];
        var zone = new UpdatedZone { Overlay = overlay };
        Assert.Equal(Rcode.NoError, zone.Send(UpdatedZone.Everything, ["prereq yxrrset _acme-challenge TXT ours", "add _acme-challenge 60 TXT theirs"]));
        Assert.Equal(["\"theirs\""], zone.Changes.All.Single().Data.Select(data => RecordText.FormatData(RecordType.TXT, data)));
        Assert.Equal(Rcode.NoError, zone.Send(UpdatedZone.Everything, ["delete _acme-challenge TXT theirs"]));
        Assert.Empty(zone.Changes.All);
    }
}
