using System.Collections.Immutable;
using Edge.Dns.Signing.Keys;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Microsoft.Extensions.Logging;

namespace Edge.Dns.Signing;

/// <summary>
/// The one writer of keys and signers: reads or makes the keys of the zones that are to be signed, lays their records over
/// the zones, and hands the query path a <see cref="SignerSet"/> as a whole.
/// </summary>
public sealed partial class SigningManager : IZoneSource, ISignedZones, IDisposable
{
    // The oldest signature that goes out is a week old and valid for another one; the next come four days before that ends.
    private static readonly TimeSpan RenewalInterval = TimeSpan.FromDays(3);
    private static readonly TimeSpan LookInterval = TimeSpan.FromHours(1);

    // After a start: the signatures of the process before are forgotten, and may have been due.
    private static readonly TimeSpan FirstLook = TimeSpan.FromMinutes(1);

    private readonly KeyFolder _folder;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _renewal;
    private readonly Lock _gate = new();
    private readonly Dictionary<(string View, Name Origin), SignedZoneContent> _contents = [];
    private readonly Dictionary<Name, ZoneKeySet> _keys = [];
    private ImmutableDictionary<Name, ZoneSigningOptions> _options;
    private volatile SignerSet _signers = SignerSet.None;
    private volatile ZoneContribution _current = ZoneContribution.Empty;

    /// <summary>Reads the keys of the zones, and makes those that are missing.</summary>
    /// <param name="folder">Where keys lie.</param>
    /// <param name="zones">The zones to sign.</param>
    /// <param name="time">The clock of signatures.</param>
    /// <param name="logger">Told about keys that are made and that cannot be used.</param>
    public SigningManager(KeyFolder folder, ImmutableDictionary<Name, ZoneSigningOptions> zones, TimeProvider time, ILogger logger)
    {
        (_folder, _options, _time, _logger) = (folder, zones, time, logger);
        lock (_gate)
        {
            Renew();
        }

        _renewal = time.CreateTimer(_ => LookForRenewals(), null, FirstLook, LookInterval);
    }

    /// <inheritdoc/>
    public string Name => "dnssec";

    /// <inheritdoc/>
    public ZoneContribution Current => _current;

    /// <summary>The signers now; take them once per query.</summary>
    public SignerSet Signers => _signers;

    /// <summary>Where the keys lie.</summary>
    public KeyFolder Folder => _folder;

    /// <inheritdoc/>
    public event Action? Changed;

    /// <summary>How a zone is to be signed; null when it is not.</summary>
    public ZoneSigningOptions? OptionsOf(Name origin) => _options.GetValueOrDefault(origin);

    /// <summary>Takes over other settings; when it returns, queries see them.</summary>
    public void Use(ImmutableDictionary<Name, ZoneSigningOptions> zones)
    {
        lock (_gate)
        {
            if (zones.Count == _options.Count && zones.All(zone => _options.TryGetValue(zone.Key, out var options) && options == zone.Value))
            {
                return;
            }

            _options = zones;
            Renew();
        }

        Changed?.Invoke();
    }

    /// <summary>The keys of a zone, in use or waiting for it to be signed; null when it has none.</summary>
    /// <exception cref="KeyFileException">They cannot be read.</exception>
    public ZoneKeySet? KeysOf(Name origin)
    {
        lock (_gate)
        {
            return _keys.GetValueOrDefault(origin) ?? _folder.Load(origin);
        }
    }

    /// <summary>The keys of a zone, made when it has none.</summary>
    /// <exception cref="KeyFileException">They cannot be read or written.</exception>
    public ZoneKeySet EnsureKeys(Name origin, ZoneSigningOptions options)
    {
        lock (_gate)
        {
            return _keys.GetValueOrDefault(origin) ?? LoadOrCreate(origin, options);
        }
    }

    /// <summary>Puts other keys in place of a zone's keys: on the disk first, then in what is served.</summary>
    /// <exception cref="KeyFileException">They cannot be written; nothing was changed.</exception>
    public void Replace(ZoneKeySet keys)
    {
        lock (_gate)
        {
            _folder.Save(keys);
            _keys[keys.Origin] = keys;
            Renew();
        }

        Changed?.Invoke();
    }

    /// <summary>Ends the renewals.</summary>
    public void Dispose() => _renewal.Dispose();

    /// <inheritdoc/>
    public bool IsSigned(Name origin) => _signers.Find(origin) is not null;

    /// <inheritdoc/>
    public SignedZoneContent? ContentOf(string view, Zone zone)
    {
        if (_signers.Find(zone.Origin) is not { } signer)
        {
            return null;
        }

        SignedZoneContent? last;
        lock (_gate)
        {
            last = _contents.GetValueOrDefault((view, zone.Origin));
        }

        if (last is not null && ReferenceEquals(last.Zone, zone))
        {
            return last;
        }

        Remember(zone.Origin);
        // Made outside of the lock: a large zone takes a while, and of two that make it at once one wins.
        var made = SignedZoneContent.Of(zone, signer, last);
        lock (_gate)
        {
            if (_contents.GetValueOrDefault((view, zone.Origin)) is { } other && ReferenceEquals(other.Zone, zone))
            {
                return other;
            }

            return _contents[(view, zone.Origin)] = made;
        }
    }

    // Whoever has a zone from us cannot sign: from the first time on it gets new signatures in time.
    private void Remember(Name origin)
    {
        lock (_gate)
        {
            if (_keys.GetValueOrDefault(origin) is { RenewedAt: null } keys)
            {
                TrySave(keys with { RenewedAt = _time.GetUtcNow() });
            }
        }
    }

    private void LookForRenewals()
    {
        bool any;
        lock (_gate)
        {
            any = RenewTransferred();
        }

        if (any)
        {
            Changed?.Invoke();
        }
    }

    private bool RenewTransferred()
    {
        var now = _time.GetUtcNow();
        var due = _keys.Values.Where(keys => keys.RenewedAt is { } last && now - last >= RenewalInterval).ToList();
        foreach (var keys in due)
        {
            TrySave(keys with { Renewals = unchecked(keys.Renewals + 1), RenewedAt = now });
        }

        if (due.Count > 0)
        {
            Renew();
        }

        return due.Count > 0;
    }

    private void TrySave(ZoneKeySet keys)
    {
        _keys[keys.Origin] = keys;
        try
        {
            _folder.Save(keys);
        }
        catch (KeyFileException broken)
        {
            // Secondaries get new signatures all the same, after a start sooner than needed.
            Log.NotKept(_logger, keys.Origin, broken.Message);
        }
    }

    private void Renew()
    {
        var signers = new List<ZoneSigner>();
        var overlay = ImmutableArray.CreateBuilder<OverlayRecord>();
        var renewals = ImmutableDictionary.CreateBuilder<Name, uint>();
        foreach (var (origin, options) in _options.OrderBy(zone => zone.Key))
        {
            try
            {
                var keys = _keys.TryGetValue(origin, out var known) ? known : LoadOrCreate(origin, options);
                signers.Add(new ZoneSigner(keys, options.Denial, _time, _signers.Find(origin)));
                overlay.AddRange(KeyRecords.Of(keys));
                _keys[origin] = keys;
                renewals[origin] = keys.Renewals;
            }
            catch (KeyFileException broken)
            {
                Log.CannotSign(_logger, origin, broken.Message);
            }
        }

        foreach (var gone in _keys.Keys.Where(origin => !_options.ContainsKey(origin)).ToList())
        {
            _keys.Remove(gone);
        }

        _signers = new SignerSet(signers, _time, _signers);
        _current = new ZoneContribution([], overlay.ToImmutable()) { Renewals = renewals.ToImmutable() };
    }

    private ZoneKeySet LoadOrCreate(Name origin, ZoneSigningOptions options)
    {
        if (_folder.Load(origin) is { } keys)
        {
            return keys;
        }

        keys = ZoneKeySet.Create(origin, options.Algorithm, options.Split, _time.GetUtcNow());
        _folder.Save(keys);
        Log.Made(_logger, origin, keys.Keys[0].Key.Tag, _folder.FolderOf(origin));
        return keys;
    }

    private static partial class Log
    {
        [LoggerMessage(1500, LogLevel.Information, "{Zone} has a new key {Tag} in {Folder}; \"edge zone sign\" prints the DS for the parent")]
        public static partial void Made(ILogger logger, Name zone, ushort tag, string folder);

        [LoggerMessage(1502, LogLevel.Warning, "The renewal of the signatures of {Zone} could not be noted: {Reason}")]
        public static partial void NotKept(ILogger logger, Name zone, string reason);

        [LoggerMessage(1501, LogLevel.Error, "{Zone} is served without signatures: {Reason}")]
        public static partial void CannotSign(ILogger logger, Name zone, string reason);
    }
}
