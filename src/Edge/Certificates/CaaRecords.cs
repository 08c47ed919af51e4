using System.Collections.Immutable;
using System.Text;
using Edge.Acme;
using Edge.Dns.Wire;
using Edge.Dns.Zones;

namespace Edge.Certificates;

/// <summary>
/// Says in our own zones who may issue for the names of our certificates (RFC 8659): the CAs of the settings, with our
/// account there and by the challenges that we use (RFC 8657), and nobody else. Only where the zone's files say nothing of
/// that themselves, at the name or above it; never at a name that would begin to exist by it.
/// </summary>
internal sealed class CaaRecords : IZoneSource
{
    // A changed account or CA must be seen soon: the order that made it known is looked at within the minute.
    private const uint Ttl = 60;

    private static readonly RecordSource Origin = new("CAA for the CAs of edge.yaml");

    private readonly OwnZones _zones;
    private readonly CertificateManager _manager;
    private readonly ImmutableArray<PublicIssuer> _issuers;
    private readonly Lock _gate = new();
    private ImmutableArray<(Name Owner, RData Data)> _said = [];
    private Task _learning = Task.CompletedTask;
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    /// <param name="zones">Our own zones.</param>
    /// <param name="manager">Knows the certificates.</param>
    /// <param name="issuers">The CAs; none: nothing is said.</param>
    public CaaRecords(OwnZones zones, CertificateManager manager, ImmutableArray<PublicIssuer> issuers)
    {
        (_zones, _manager, _issuers) = (zones, manager, issuers);
        foreach (var accounts in issuers.SelectMany(Askers).Select(issuer => issuer.Accounts))
        {
            // Before its first order: with the old account's record the CA would refuse it.
            accounts.Changed += Refresh;
        }
    }

    public string Name => "caa";

    public ZoneContribution Current => _current;

    public event Action? Changed;

    /// <summary>Looks at certificates, accounts and zones, and says what follows from them.</summary>
    public void Refresh()
    {
        Learn();
        lock (_gate)
        {
            // 1. A CA that never said how it is called could not be allowed: then nothing is said. Neither before the first account.
            var values = Values();

            // 2. One record for each name, wildcards by "issuewild".
            var wanted = values.IsEmpty ? [] : _manager.Public().SelectMany(certificate => Records(certificate, values)).Distinct().ToImmutableArray();
            if (wanted.SequenceEqual(_said))
            {
                return;
            }

            _said = wanted;
            _current = new ZoneContribution([], [.. wanted.Select(one => new OverlayRecord(null, new ResourceRecord(one.Owner, RecordType.CAA, Ttl, one.Data, Origin), OverlayMode.Add))]);
        }

        Changed?.Invoke();
    }

    /// <summary>The data of a CAA record (RFC 8659 §4.1): flags, the tag with its length, the value.</summary>
    internal static RData Data(string tag, string value) => new([0, (byte)tag.Length, .. Encoding.ASCII.GetBytes(tag), .. Encoding.ASCII.GetBytes(value)]);

    // The CAs that nobody has asked for anything yet.
    private void Learn()
    {
        if (HasAccount && _learning.IsCompleted && _issuers.Where(issuer => issuer.Main.Accounts.CaaIdentities.IsEmpty).ToList() is { Count: > 0 } unknown)
        {
            _learning = Task.WhenAll(unknown.Select(issuer => issuer.Main.Accounts.LearnAsync(CancellationToken.None)));
        }
    }

    private bool HasAccount => _issuers.Any(issuer => issuer.Main.Accounts.Known is not null);

    private ImmutableArray<string> Values()
    {
        if (!HasAccount)
        {
            return [];
        }

        var values = ImmutableArray.CreateBuilder<string>();
        foreach (var issuer in _issuers)
        {
            foreach (var asker in Askers(issuer))
            {
                var (account, identity) = (asker.Accounts.Known, asker.Accounts.CaaIdentities.FirstOrDefault());
                if (asker == issuer.Main && identity is null)
                {
                    return [];
                }

                // A CA that is asked when another one says no gets its account then: until that, whoever asks it may.
                if (identity is not null && (account is not null || asker == issuer.Main))
                {
                    values.Add($"{identity};{(account is null ? "" : $" accounturi={account.OriginalString};")} validationmethods={string.Join(',', asker.ChallengeTypes)}");
                }
            }
        }

        return values.ToImmutable();
    }

    // A test CA goes by its CA's name (both of Let's Encrypt are "letsencrypt.org") and has another account of ours.
    private static IEnumerable<AcmeIssuer> Askers(PublicIssuer issuer) => issuer.Staging is { } staging ? [issuer.Main, staging] : [issuer.Main];

    private IEnumerable<(Name Owner, RData Data)> Records(WantedCertificate certificate, ImmutableArray<string> values)
    {
        var name = certificate.Name.StartsWith("*.", StringComparison.Ordinal) ? certificate.Name[2..] : certificate.Name;
        return Dns.Wire.Name.TryParse(name, Dns.Wire.Name.Root, out var owner, out _) && IsFree(owner)
            ? values.SelectMany(value => new[] { (owner, Data("issue", value)), (owner, Data("issuewild", value)) })
            : [];
    }

    // The tree is climbed as a CA does (RFC 8659 §3), up to the zone's origin: what stands above it is not ours.
    private bool IsFree(Name owner)
    {
        var views = _zones.Look(owner, RecordType.CAA).ToList();
        if (views.Count == 0 || views.Any(found => found.FromWildcard || found.Kind is not (LookupKind.NoData or LookupKind.Answer)))
        {
            return false;
        }

        for (var (name, origin) = (owner, views[0].Zone); ; name = name.Parent!)
        {
            if (_zones.Look(name, RecordType.CAA).Any(found => found is { Kind: LookupKind.Answer, FromWildcard: false } && found.RRsets.Any(set => set.Type == RecordType.CAA && set.Sources.Any(source => source != Origin))))
            {
                return false;
            }

            if (name == origin || name.IsRoot)
            {
                return true;
            }
        }
    }
}
