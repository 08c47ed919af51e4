using Edge.Dns.Wire;
using Edge.Dns.Zones.RecordData;

namespace Edge.Dns.Zones.MasterFile;

/// <summary>
/// Reads the master file format (RFC 1035 §5.1, RFC 2308 §4 for $TTL, RFC 3597 §5 for unknown types). Bad text never
/// throws: every mistake becomes a problem with its line, and reading goes on with the next entry.
/// </summary>
internal sealed class ZoneFileParser
{
    /// <summary>How deep files may include files.</summary>
    public const int MaxIncludeDepth = 8;

    private readonly ZoneFileLimits _limits;
    private readonly ZoneFileOutput _output;
    private readonly Func<string, IncludedFile>? _open;
    private readonly string _file;
    private readonly int _depth;
    private readonly ZoneFileTtl _ttl;
    private Name _origin;
    private bool _originKnown = true;
    private readonly PlainRecord _plain = new();
    private Name? _owner;
    private bool _ownerIsPlain;

    private ZoneFileParser(string file, Name origin, int depth, ZoneFileTtl ttl, ZoneFileOutput output, ZoneFileLimits limits, Func<string, IncludedFile>? open)
    {
        (_file, _origin, _depth, _ttl, _output, _limits, _open) = (file, origin, depth, ttl, output, limits, open);
    }

    /// <summary>Reads one zone file.</summary>
    /// <param name="file">Its path as the user knows it; problems and records carry it.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="origin">The first $ORIGIN: the zone's apex.</param>
    /// <param name="open">Finds the file that $INCLUDE names; null where nothing may be included.</param>
    public static ZoneFileResult Parse(string file, ReadOnlyMemory<byte> content, Name origin, Func<string, IncludedFile>? open = null)
    {
        var output = new ZoneFileOutput(content.Span.Count((byte)'\n'));
        var limits = new ZoneFileLimits();
        new ZoneFileParser(file, origin, 0, new ZoneFileTtl(), output, limits, open).Read(content);
        return output.ToResult();
    }

    private void Read(ReadOnlyMemory<byte> content)
    {
        if (content.Span.Contains((byte)0))
        {
            Report(new ZoneFileError(0, "this is not a text file: it has zero bytes", "save it as UTF-8 or ASCII"));
            return;
        }

        var reader = new ZoneFileReader(content);
        while (true)
        {
            while (reader.TryTakePlain(out var line, out var number))
            {
                if (!TryTakePlain(line, number))
                {
                    reader.Return();
                    break;
                }
            }

            if (reader.Next() is not { } entry)
            {
                return;
            }

            if (_output.Errors >= ZoneFileLimits.MaxErrors)
            {
                _output.Stop(new ZoneProblem(_file, entry.Line, $"more than {ZoneFileLimits.MaxErrors} errors: the rest of the file was not read"));
                return;
            }

            if (entry.Error is { } broken)
            {
                // The lines below it without owner belong to an owner that could not be read.
                Owner = entry.BlankOwner ? Owner : null;
                Report(broken);
            }
            else if (!entry.BlankOwner && !entry.Tokens[0].Quoted && entry.Tokens[0].Text.StartsWith('$'))
            {
                ReadDirective(entry);
            }
            else
            {
                ReadRecord(entry);
            }
        }
    }

    // Most lines of most files: plain words of a well-known type. All others, and all that are wrong, go the long way.
    private bool TryTakePlain(ReadOnlySpan<byte> line, int number)
    {
        if (!_originKnown || !_plain.TryRead(line, _origin) || (_plain.BlankOwner && !_ownerIsPlain && _owner is null)
            || !_ttl.TryDecide(_plain.Ttl, out var ttl) || !_limits.TakeRecord())
        {
            return false;
        }

        _ownerIsPlain |= !_plain.BlankOwner;
        _output.Records.Add(_ownerIsPlain ? _plain.Owner : _owner!.Wire, _plain.Type, ttl, _plain.Data, new RecordSource(_file, number));
        return true;
    }

    // The owner of lines that begin with a space. Plain lines leave its bytes; it becomes an object when somebody asks.
    private Name? Owner
    {
        get
        {
            if (_ownerIsPlain)
            {
                (_owner, _ownerIsPlain) = (Name.FromWire(_plain.Owner), false);
            }

            return _owner;
        }
        set => (_owner, _ownerIsPlain) = (value, false);
    }

    private void ReadDirective(ZoneFileEntry entry)
    {
        var from = new FieldReader(entry.Tokens, 1, _origin, entry.Line);
        var directive = entry.Tokens[0].Text.ToUpperInvariant();
        switch (directive)
        {
            case "$ORIGIN":
                // Names relative to an origin that cannot be read are unknown: their lines are read, but no records.
                var absolute = from.Peek.Text.EndsWith('.');
                var whole = from.TryTakeName("origin", out var origin) && NothingMore(from);
                (_origin, _originKnown) = (whole ? origin! : _origin, whole && (_originKnown || absolute));
                break;
            case "$TTL":
                if (from.TryTake("TTL", out var token) && _ttl.TryRead(token.Text, from, out var ttl) && NothingMore(from))
                {
                    _ttl.Default = ttl;
                }

                break;
            case "$INCLUDE":
                Include(from);
                break;
            case "$GENERATE":
                Generate(entry, from);
                break;
            default:
                from.Fail($"{ZoneFileReader.Display(entry.Tokens[0].Text)} is not supported", "the directives are $ORIGIN, $TTL, $INCLUDE and $GENERATE");
                break;
        }

        ReportAll(from, null);
    }

    // What is wrong with one of the records is wrong with all of them, and told once.
    private void Generate(ZoneFileEntry directive, FieldReader from)
    {
        var errors = _output.Errors;
        foreach (var made in GenerateDirective.Expand(directive, from).TakeWhile(_ => _output.Errors == errors))
        {
            ReadRecord(made);
        }
    }

    private static bool NothingMore(FieldReader from)
    {
        if (from.AtEnd)
        {
            return true;
        }

        from.TryTake("end", out var extra);
        return from.Fail($"\"{ZoneFileReader.Display(extra.Text)}\" is one value too many");
    }

    private void Include(FieldReader from)
    {
        if (!from.TryTake("file name", out var name))
        {
            return;
        }

        var origin = _origin;
        if (!from.AtEnd && (!from.TryTakeName("origin", out origin!) || !NothingMore(from)))
        {
            return;
        }

        if (_open is null || _depth >= MaxIncludeDepth || !_limits.TakeInclude())
        {
            from.Fail(
                _open is null ? "$INCLUDE is not allowed here" : "too many files include each other",
                _open is null ? null : $"at most {MaxIncludeDepth} deep and {ZoneFileLimits.MaxIncludes} in all; does a file include itself?");
            return;
        }

        _output.Included.Add(name.Text);
        var file = _open(name.Text);
        if (file.Content is null)
        {
            from.Fail($"cannot include \"{ZoneFileReader.Display(name.Text)}\": {file.Error}");
            return;
        }

        // RFC 1035 §5.1: origin and owner of this file are what they were when the included file ends.
        new ZoneFileParser(file.Path, origin, _depth + 1, _ttl, _output, _limits, _open) { Owner = Owner, _originKnown = _originKnown }.Read(file.Content);
    }

    private void ReadRecord(ZoneFileEntry entry)
    {
        var from = new FieldReader(entry.Tokens, 0, _origin, entry.Line);
        if (!TryReadOwner(entry, from, out var ownerKnown))
        {
            ReportAll(from, null);
            if (!ownerKnown)
            {
                return;
            }
        }

        var head = RecordHead.Read(from, entry.BlankOwner, _ttl);
        var shape = head is null ? null : DataShapes.Of(head.Type);
        if (head is not null && RecordDataReader.TryRead(head.Type, from, out var data))
        {
            Take(head, data, _ttl.Decide(head, data, from), from, entry.Line);
        }

        ReportAll(from, shape?.Example);
    }

    private void Take(RecordHead head, RData data, uint ttl, FieldReader from, int line)
    {
        if (Owner is null || !_originKnown)
        {
            return;
        }

        if (_limits.TakeRecord())
        {
            _output.Records.Add(Owner.Wire, head.Type, ttl, data.Wire, new RecordSource(_file, line));
        }
        else
        {
            from.Fail($"more than {ZoneFileLimits.MaxRecords} records in one zone");
        }
    }

    // An owner that cannot be read makes the lines below it without owner unreadable too; they are not reported again.
    private bool TryReadOwner(ZoneFileEntry entry, FieldReader from, out bool ownerKnown)
    {
        ownerKnown = true;
        if (entry.BlankOwner)
        {
            ownerKnown = Owner is not null || _output.Errors > 0;
            return ownerKnown || from.Fail("this line has no owner: it begins with a space and no record stands above it", "begin it with the name, or with @ for the zone itself");
        }

        from.TryTake("owner", out var token);
        if (token.Quoted)
        {
            Owner = null;
            ownerKnown = false;
            return from.Fail("a record begins with its owner, not with a quoted string");
        }

        if (from.TryReadName(token, "owner", out var owner))
        {
            Owner = owner;
            return true;
        }

        Owner = null;
        ownerKnown = false;
        return false;
    }

    private void ReportAll(FieldReader from, string? example)
    {
        if (from.Error is { } error)
        {
            Report(error with { Hint = error.Hint ?? (example is null ? null : $"as in: {example}") });
        }

        foreach (var warning in from.Warnings)
        {
            _output.Add(new ZoneProblem(_file, warning.Line, warning.Message, warning.Hint, ZoneProblemSeverity.Warning));
        }
    }

    private void Report(ZoneFileError error) => _output.Add(new ZoneProblem(_file, error.Line, error.Message, error.Hint));
}
