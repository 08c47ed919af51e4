using System.Collections.Immutable;
using System.Text;
using Edge.Dns.Update;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Xunit;

namespace Edge.Dns.Tests.Update;

/// <summary>A zone in memory that updates are worked out against, by a key that may do everything.</summary>
internal sealed class UpdatedZone
{
    public const string Text = """
        $TTL 300
        @        SOA   ns1 hostmaster 10 7200 900 1209600 300
        @        NS    ns1
        @        NS    ns2
        @        MX    10 www
        ns1      A     192.0.2.1
        ns2      A     192.0.2.2
        www      A     192.0.2.80
        www      A     192.0.2.81
        www      TXT   "one"
        alias    CNAME www
        moved    DNAME example.net.
        only     A     192.0.2.9
        a.ent    A     192.0.2.10
        sub      NS    ns.sub
        ns.sub   A     192.0.2.53
        *.wild   TXT   "any"
        """;

    public static readonly Name Origin = Name.Parse("example.com.");

    public static readonly UpdateKey Everything = KeyOf(null, "* ANY");

    private readonly ImmutableArray<DeclaredZone> _declared;

    public UpdatedZone(string text = Text, string? lan = null) =>
        _declared = lan is null ? [Declare(null, text)] : [Declare(null, text), Declare("lan", lan)];

    public ChangeSet Changes { get; private set; } = ChangeSet.Empty;

    public ImmutableArray<OverlayRecord> Overlay { get; init; } = [];

    /// <summary>The serial that clients see.</summary>
    public uint Serial { get; set; } = 10;

    public static UpdateKey KeyOf(string? view, params string[] rules)
    {
        var name = Name.Parse("laptop.dyn.example.com.");
        return new UpdateKey(name, view, [.. rules.Select(text =>
        {
            Assert.True(UpdateRule.TryParse(text, name, out var rule, out var error), error);
            return rule;
        })]);
    }

    /// <summary>Sends an update; what it changes is so from then on.</summary>
    public Rcode Send(UpdateKey key, params IEnumerable<string> lines) => Send(key, UpdateText.Message(Origin, lines)).Rcode;

    public (Rcode Rcode, string Why) Send(UpdateKey key, byte[] message)
    {
        if (!UpdateRequest.TryRead(message, out var request, out var malformed))
        {
            return (malformed.Rcode, malformed.Why);
        }

        if (request.Zone != Origin)
        {
            return (Rcode.NotAuth, "");
        }

        var proposal = UpdateEvaluation.Evaluate(request, key, Content(key.View), "update by test");
        Changes = proposal.Entry is { } entry ? Changes.With(entry) : Changes;
        return (proposal.Refusal?.Rcode ?? Rcode.NoError, proposal.Refusal?.Why ?? "");
    }

    /// <summary>The whole zone as a view has it, line by line and sorted.</summary>
    public ImmutableSortedSet<string> Lines(string? view = null)
    {
        var content = Content(view);
        var owners = _declared.SelectMany(zone => zone.Records.Select(record => record.Owner)).Concat(Changes.All.Select(change => change.Owner)).Distinct();
        return ImmutableSortedSet.CreateRange(StringComparer.Ordinal, owners
            .SelectMany(owner => content.At(owner).SelectMany(set => set.Data.Select(data => RecordText.Format(new ResourceRecord(owner, set.Type, set.Ttl, data))))));
    }

    private ZoneContent Content(string? view) =>
        new(_declared[0], _declared.FirstOrDefault(zone => zone.View is not null && zone.View == view), view, Changes, Overlay, Serial);

    private static DeclaredZone Declare(string? view, string text)
    {
        var result = ZoneFileParser.Parse("test.zone", Encoding.UTF8.GetBytes(text), Origin);
        return new DeclaredZone(Origin, view, result.Records);
    }
}
