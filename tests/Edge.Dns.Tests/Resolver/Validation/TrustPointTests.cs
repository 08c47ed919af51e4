using System.Buffers.Binary;
using System.Collections.Immutable;
using Edge.Dns.Dnssec;
using Edge.Dns.Resolver.Validation;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Tests.Transfer;
using Edge.Dns.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Validation;

/// <summary>RFC 5011: the exchange of a trust anchor's keys, day by day, and what of it outlasts a restart.</summary>
public sealed class TrustPointTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-anchors-");
    private readonly RecordingLogs _logs = new();
    private readonly SigningZone _zone = new("corp.example.");
    private readonly ZoneKey _old;
    private readonly ZoneKey _new;
    private DateTimeOffset _now = Tree.Epoch;
    private AnchorKeeper _keeper;

    public TrustPointTests()
    {
        _old = _zone.Key;
        _new = Key();
        _keeper = Start();
    }

    private string FilePath => Path.Combine(_folder.FullName, "state", "anchors.txt");

    public void Dispose()
    {
        _logs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public void A_key_is_trusted_thirty_days_after_it_was_seen_first()
    {
        See(0, [_old], [_old]);
        See(1, [_old, _new], [_old]);
        Assert.Equal([AnchorKeyState.Valid, AnchorKeyState.AddPend], States());
        See(30, [_old, _new], [_old]);
        Assert.False(Trusts(_new));
        See(31, [_old, _new], [_old]);
        Assert.Equal([AnchorKeyState.Valid, AnchorKeyState.Valid], States());
        // Now the new one alone will do.
        See(40, [_new], [_new]);
        Assert.Equal([AnchorKeyState.Missing, AnchorKeyState.Valid], States());
    }

    [Fact]
    public void A_key_that_goes_away_before_its_time_begins_anew()
    {
        See(0, [_old, _new], [_old]);
        See(20, [_old], [_old]);
        See(25, [_old, _new], [_old]);
        See(50, [_old, _new], [_old]);
        Assert.False(Trusts(_new));
        See(55, [_old, _new], [_old]);
        Assert.True(Trusts(_new));
    }

    [Fact]
    public void A_set_that_nobody_trusted_has_signed_changes_nothing()
    {
        See(0, [_old], [_old]);
        See(1, [_old, _new], [_new]);
        See(40, [_old, _new], [_new]);
        Assert.Equal([AnchorKeyState.Valid], States());
    }

    [Fact]
    public void A_key_that_revokes_itself_is_never_trusted_again_though_the_settings_name_it()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        See(32, [_old, _new], [_old, _new], revoked: _old);
        Assert.Equal([AnchorKeyState.Revoked, AnchorKeyState.Valid], States());
        Assert.False(Trusts(_old));
        See(60, [_new], [_new]);
        Assert.Equal(AnchorKeyState.Revoked, States()[0]);
        See(63, [_new], [_new]);
        Assert.Equal(AnchorKeyState.Removed, States()[0]);
        See(64, [_old, _new], [_new]);
        Assert.False(Trusts(_old));
        See(100, [_old, _new], [_new]);
        Assert.False(Trusts(_old));
    }

    [Fact]
    public void A_revocation_counts_only_with_the_key_s_own_signature()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        See(32, [_old, _new], [_new], revoked: _old);
        Assert.Equal([AnchorKeyState.Missing, AnchorKeyState.Valid], States());
    }

    [Fact]
    public void When_all_keys_are_revoked_there_is_no_trust_point_any_more()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        See(32, [_old, _new], [_old, _new], revoked: _old);
        Assert.NotEmpty(_keeper.Trusted);
        // RFC 5011 section 2.1: for taking itself back a key needs no other one.
        See(33, [_new, Key()], [_new], revoked: _new);
        Assert.Equal([AnchorKeyState.Revoked, AnchorKeyState.Revoked], States());
        Assert.Empty(_keeper.Trusted);
        Restart();
        Assert.Empty(_keeper.Trusted);
    }

    [Fact]
    public void The_state_outlasts_a_restart_and_a_broken_file_is_as_none()
    {
        See(0, [_old, _new], [_old]);
        Restart();
        See(31, [_old, _new], [_old]);
        Restart();
        Assert.True(Trusts(_new));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(FilePath));
        File.WriteAllText(FilePath, "nonsense\n");
        Restart();
        Assert.False(Trusts(_new));
        Assert.True(Trusts(_old) || _keeper.Trusted[0].Signers.Length == 1);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Keys_that_descend_from_an_anchor_that_was_replaced_are_not_trusted_any_more(bool keepsOld)
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        var other = Key();
        // That one of the anchors stays makes the others no better.
        _keeper = Start(keepsOld ? [other, _old] : [other]);
        Assert.Equal((false, keepsOld, true), (Trusts(_new), Trusts(_old), Trusts(other)));
        Assert.Contains("corp.example.", Assert.Single(_logs.Lines, line => line.Contains("no longer trusted", StringComparison.Ordinal)), StringComparison.Ordinal);
        See(32, [_old, _new, other], [other]);
        Assert.Equal((false, keepsOld, true), (Trusts(_new), Trusts(_old), Trusts(other)));
        // The anchors of before in turn begin anew as well.
        Restart();
        Assert.Equal((false, true, false), (Trusts(_new), Trusts(_old), Trusts(other)));
    }

    [Fact]
    public void A_key_that_took_itself_back_stays_so_when_other_anchors_are_given_beside_it()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        See(32, [_old, _new], [_old, _new], revoked: _old);
        _keeper = Start(_old, _new);
        Assert.Equal((false, true), (Trusts(_old), Trusts(_new)));
        Assert.Equal([AnchorKeyState.Revoked], States());
    }

    [Fact]
    public void The_same_anchors_in_another_order_change_nothing()
    {
        var other = Key();
        _keeper = Start(_old, other);
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        _keeper = Start(other, _old);
        Assert.True(Trusts(_new));
        Assert.DoesNotContain(_logs.Lines, line => line.Contains("no longer trusted", StringComparison.Ordinal));
    }

    [Fact]
    public void A_zone_whose_anchor_is_taken_out_is_forgotten()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        Assert.Empty(new AnchorKeeper(FilePath, [], NullLogger.Instance).Trusted);
        Restart();
        Assert.Equal((false, true), (Trusts(_new), Trusts(_old)));
    }

    [Fact]
    public void A_state_that_does_not_say_what_it_descends_from_is_not_believed()
    {
        See(0, [_old, _new], [_old]);
        See(31, [_old, _new], [_old]);
        File.WriteAllLines(FilePath, File.ReadAllLines(FilePath).Where(line => !line.StartsWith("anchors ", StringComparison.Ordinal)));
        Restart();
        Assert.Equal((false, true), (Trusts(_new), Trusts(_old)));
    }

    [Fact]
    public void The_file_is_text_that_a_person_can_read()
    {
        See(0, [_old, _new], [_old]);
        var lines = File.ReadAllLines(FilePath);
        Assert.StartsWith("; ", lines[0], StringComparison.Ordinal);
        Assert.Matches("^anchors corp[.]example[.] [0-9a-f]{64}$", lines[1]);
        Assert.StartsWith("valid 2026-06-01T12:00:00Z corp.example. DNSKEY 257 3 13 ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("pending 2026-06-01T12:00:00Z corp.example. DNSKEY 257 3 13 ", lines[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Validation_looks_whenever_it_fetches_the_keys_of_a_trust_point()
    {
        var tree = new Tree();
        var next = new ZoneKey(tree.Root.Origin, KeyRole.Csk, PrivateKey.Create(SigningAlgorithm.Ed25519));
        var (first, both) = (tree.Root.Key, (ZoneKey[])[tree.Root.Key, next]);
        tree.Root.Times = tree.Root.Times with { Expiration = Tree.Epoch.AddDays(90).ToUnixTimeSeconds() };
        var set = both.Select(key => new ResourceRecord(Name.Root, RecordType.DNSKEY, 3600, key.Dnskey)).ToArray();
        tree.Put(Name.Root, RecordType.DNSKEY, () => Tree.Of(tree.Root.Sign(Name.Root, set, [first])));
        var state = new ValidationState(tree.Options with { StateFile = FilePath }, tree.Time, NullLogger.Instance);
        var validator = new AnswerValidator(tree, state, tree.Time);
        var answer = Tree.Of(tree.Root.Sign("a. 300 IN A 192.0.2.1"));
        await validator.ValidateAsync(Tree.Key("a.", RecordType.A), answer, TestContext.Current.CancellationToken);
        tree.Time.Advance(TimeSpan.FromDays(31));
        await validator.ValidateAsync(Tree.Key("a.", RecordType.A), answer, TestContext.Current.CancellationToken);
        // From here on the root is signed by the new key alone.
        tree.Put(Name.Root, RecordType.DNSKEY, () => Tree.Of(tree.Root.Sign(Name.Root, [set[1]], [next])));
        tree.Root.Key = next;
        tree.Time.Advance(TimeSpan.FromDays(1));
        var verdict = await validator.ValidateAsync(Tree.Key("a.", RecordType.A), Tree.Of(tree.Root.Sign("a. 300 IN A 192.0.2.1")), TestContext.Current.CancellationToken);
        Assert.Equal(Edge.Dns.Resolver.Security.Secure, verdict.Security);
    }

    private ZoneKey Key() => new(_zone.Origin, KeyRole.Csk, PrivateKey.Create(SigningAlgorithm.EcdsaP256Sha256));

    private AnchorKeeper Start(params ZoneKey[] given) =>
        new(FilePath, TrustAnchorSet.Of((given is [] ? [_old] : given).Select(key => new ResourceRecord(_zone.Origin, RecordType.DS, 3600, key.DelegationSigner())), []).Points, _logs.CreateLogger("anchors"));

    private void Restart() => _keeper = Start();

    private AnchorKeyState[] States() => [.. AnchorStateText.Read(File.ReadAllText(FilePath))[_zone.Origin].Keys.Select(key => key.State)];

    private bool Trusts(ZoneKey key)
    {
        var point = _keeper.Trusted.Single();
        return point.Keys.Contains(key.Dnskey) || point.Signers.Contains(new RData(key.DelegationSigner().Wire.ToArray()));
    }

    private void See(int day, ZoneKey[] present, ZoneKey[] signers, ZoneKey? revoked = null)
    {
        _now = Tree.Epoch.AddDays(day);
        _zone.Times = new(_now.AddDays(-1).ToUnixTimeSeconds(), _now.AddDays(7).ToUnixTimeSeconds(), 0);
        var set = present.Select(key => new ResourceRecord(_zone.Origin, RecordType.DNSKEY, 3600, key == revoked ? Revoked(key) : key.Dnskey)).ToArray();
        var signed = _zone.Sign(_zone.Origin, set, [.. signers]);
        // The tag of a revoked key is another one (RFC 5011 section 3).
        var answer = signed.Select(record => record.Type == RecordType.RRSIG && revoked is not null ? Retagged(record, revoked, set) : record);
        _keeper.Observe(_zone.Origin, Tree.Of(answer), _now);
    }

    private ResourceRecord Retagged(ResourceRecord signature, ZoneKey revoked, ResourceRecord[] set)
    {
        if (BinaryPrimitives.ReadUInt16BigEndian(signature.Data.Wire[16..]) != revoked.Tag)
        {
            return signature;
        }

        var head = signature.Data.Wire[..^64].ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(head.AsSpan(16), KeyDigest.TagOf(Revoked(revoked).Wire));
        var data = new List<byte>(head);
        CanonicalForm.AppendSet(data, _zone.Origin.Wire, RecordType.DNSKEY, 3600, set.Select(record => record.Data.Wire.ToArray()));
        return signature with { Data = new RData([.. head, .. revoked.Secret.Sign([.. data])]) };
    }

    private static RData Revoked(ZoneKey key)
    {
        var wire = key.Dnskey.Wire.ToArray();
        wire[1] |= 0x80;
        return new RData(wire);
    }
}
