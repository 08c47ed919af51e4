using System.Net;
using Edge.Dns.Files;
using Microsoft.Extensions.Logging;

namespace Edge.Names.Leases;

/// <summary>
/// Follows one lease database as its server writes it: appended, rewritten, replaced or cleaned up. What is gone keeps
/// what it said: each lease ends by itself. One caller at a time.
/// </summary>
internal sealed partial class LeaseFile
{
    // dnsmasq empties its file and writes it again: it counts when two looks agree, or when it never rests.
    private const int MostRestless = 3;

    // Where Kea keeps the older part of its journal while it cleans up, the oldest first; ".completed" stands for both others.
    private static readonly string[] KeaParts = [".completed", ".2", ".1", ""];

    private readonly ILogger _log;
    private readonly LeasePart[] _parts;
    private string[] _taken;
    private string[] _seen;
    private int _restless;
    private LeaseTable _table;
    private ILeaseReader? _reader;
    private string? _trouble;
    private string? _unusable;

    public LeaseFile(LeaseSetting setting, ILogger log)
    {
        (Setting, _log, _table) = (setting, log, new LeaseTable(setting.ShownAs));
        var isKea = setting.Format == LeaseFormat.Kea || (setting.Format is null && setting.Path.EndsWith(".csv", StringComparison.Ordinal));
        _parts = [.. (isKea ? KeaParts : [""]).Select(end => new LeasePart(setting.Path + end, setting.ShownAs + end))];
        _taken = _seen = [.. _parts.Select(_ => FileFingerprint.None)];
    }

    public LeaseSetting Setting { get; }

    /// <summary>The leases as the file has them, in force or ended.</summary>
    public IReadOnlyDictionary<IPAddress, Lease> Leases => _table.Leases;

    /// <summary>How many lines could not be understood.</summary>
    public int Mistakes => _table.Mistakes;

    /// <summary>Why the file cannot be read now; null when it can.</summary>
    public string? Trouble => _trouble;

    /// <summary>Looks at the file; true when its leases are other ones now.</summary>
    /// <param name="atOnce">Whether it is taken as it stands, as at the start.</param>
    public bool Look(bool atOnce)
    {
        try
        {
            var now = Stamps();
            var isSettled = now.SequenceEqual(_seen);
            _seen = now;
            if (now.SequenceEqual(_taken))
            {
                _restless = 0;
                Say(IsThere(now[^1]) ? _unusable : Obstacle() ?? _unusable);
                return false;
            }

            if (!atOnce && !isSettled && !IsJournal && ++_restless < MostRestless)
            {
                return false;
            }

            return now.Any(IsThere) && Take(now);
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException)
        {
            Say($"{Setting.ShownAs} cannot be read: {wrong.Message}");
            return false;
        }
    }

    private string? Obstacle() => OrdinaryFile.ProblemOf(Setting.Path, LeasePart.MostBytes) is { } problem ? $"{Setting.ShownAs} cannot be read: {problem}" : null;

    private static bool IsThere(string stamp) => stamp != FileFingerprint.None;

    private bool IsJournal => _reader is KeaReader or IscReader;

    private string[] Stamps() => [.. _parts.Select(part => part.Stamp())];

    private bool Take(string[] now)
    {
        if (!TryReadOn(now))
        {
            var (table, reader) = ReadAll(now);

            // Kea renames its files one after the other; dnsmasq may be half way through. What stands there next is taken then.
            if ((!Stamps().SequenceEqual(now) && _restless++ < MostRestless) || (reader is DnsmasqReader && _parts[^1].IsUnfinished))
            {
                return false;
            }

            _unusable = Unusable(table, reader);
            if (_unusable is not null)
            {
                (_taken, _restless) = (now, 0);
                Say(_unusable);
                return false;
            }

            (_table, _reader) = (table, reader);
        }

        (_taken, _restless) = (now, 0);
        Say(null);
        foreach (var problem in _table.TakeProblems())
        {
            Log.NotUnderstood(_log, problem);
        }

        return true;
    }

    // A copy gone wrong, or another file at the path: what was understood before says more.
    private string? Unusable(LeaseTable table, ILeaseReader? reader) =>
        _table.Leases.Count > 0 && table.Leases.Count == 0 && (table.Mistakes > 0 || (reader is not null && reader.GetType() != _reader!.GetType()))
            ? $"{Setting.ShownAs} is no lease file any more{(table.TakeProblems() is [var first, ..] ? $" ({first})" : "")}" : null;

    // Of a journal that grew only what is new is read.
    private bool TryReadOn(string[] now) =>
        IsJournal && _unusable is null && now.AsSpan(..^1).SequenceEqual(_taken.AsSpan(..^1)) && IsThere(now[^1]) && _parts[^1].TryReadOn(_reader!.Read);

    private (LeaseTable Table, ILeaseReader? Reader) ReadAll(string[] now)
    {
        var table = new LeaseTable(Setting.ShownAs);
        var reader = Setting.Format is { } format ? ReaderOf(format, table) : null;
        for (var i = 0; i < _parts.Length; i++)
        {
            if (!IsThere(now[i]) || (IsThere(now[0]) && i is 1 or 2 && _parts.Length > 1))
            {
                continue;
            }

            var part = _parts[i];
            reader?.Begin(part.ShownAs);
            part.ReadAll((line, number) =>
            {
                if (reader is null && LeaseFormats.Of(line) is { } seen)
                {
                    reader = ReaderOf(seen, table);
                    reader.Begin(part.ShownAs);
                }

                reader?.Read(line, number);
                if (reader is null && line.Trim().Length > 0)
                {
                    table.Mistake(part.ShownAs, number, "is a line of no format known here; say format: dnsmasq, kea or isc");
                }
            });
        }

        return (table, reader);
    }

    private static ILeaseReader ReaderOf(LeaseFormat format, LeaseTable table) => format switch
    {
        LeaseFormat.Dnsmasq => new DnsmasqReader(table),
        LeaseFormat.Kea => new KeaReader(table),
        _ => new IscReader(table),
    };

    private void Say(string? trouble)
    {
        if (trouble != _trouble && trouble is not null)
        {
            Log.Unreadable(_log, trouble);
        }

        _trouble = trouble;
    }

    private static partial class Log
    {
        [LoggerMessage(3100, LogLevel.Warning, "Not understood: {Problem}")]
        public static partial void NotUnderstood(ILogger log, string problem);

        [LoggerMessage(3101, LogLevel.Error, "{Trouble}; its leases stay in force until they end")]
        public static partial void Unreadable(ILogger log, string trouble);
    }
}
