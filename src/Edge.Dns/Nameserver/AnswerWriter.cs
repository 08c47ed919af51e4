using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.Packed;

namespace Edge.Dns.Nameserver;

/// <summary>
/// Writes one answer in the order of its sections. An RRset stands in it whole or not at all; when a required one
/// does not fit, TC is set and nothing more is added (RFC 2181 §9). Room for the OPT record is kept from the start.
/// </summary>
internal ref struct AnswerWriter
{
    private readonly Span<byte> _answer;
    private readonly QueryMessage _query;
    private readonly ReadOnlySpan<byte> _options;
    private MessageWriter _writer;
    private DnameTrail _dnames;
    private int _dnameCount;
    private bool _questionRemembered;
    private bool _truncated;
    private ushort _answers;
    private ushort _authorities;
    private ushort _additionals;

    public AnswerWriter(ReadOnlySpan<byte> packet, QueryMessage query, Span<byte> answer, int limit, ReadOnlySpan<byte> options = default)
    {
        _answer = answer;
        _query = query;
        _options = query.HasEdns ? options : default;
        limit = Math.Min(limit, answer.Length) - (query.HasEdns ? Edns.FixedLength + _options.Length : 0);
        // The question is copied as it came: the client may check the case it chose (draft dns0x20, RFC 4343 §4.1).
        packet[MessageHeader.Length..query.QuestionEnd].CopyTo(answer[MessageHeader.Length..]);
        _writer = new MessageWriter(answer, query.QuestionEnd) { Limit = limit };
    }

    /// <summary>Whether the answer obeys the query's CO bit (RFC 9824 §5.1).</summary>
    public bool CompactOk { get; set; }

    /// <summary>AA or RA, to be set as they turn out.</summary>
    public MessageFlags Flags { get; set; }

    public Rcode Rcode { get; set; }

    /// <summary>Records in the answer section so far.</summary>
    public readonly int AnswerCount => _answers;

    /// <summary>Adds a set to the answer section under its own name, or under the question's when the owner is empty.</summary>
    /// <returns>False when it stands there already.</returns>
    public bool AddAnswer(in WireRRset rrset, scoped ReadOnlySpan<byte> owner)
    {
        // A chain may end at a DNAME that it came through; the question's own name is no end of a chain.
        if (rrset.Type == RecordType.DNAME && !owner.IsEmpty && HasDname(owner))
        {
            return false;
        }

        AddRequired(rrset, owner, ref _answers);
        return true;
    }

    /// <summary>Adds a DNAME that a chain goes through, once however often it does: an answer has no set twice (RFC 2181 §5).</summary>
    /// <returns>False when it stands there already.</returns>
    public bool AddDname(in WireRRset dname, scoped ReadOnlySpan<byte> owner)
    {
        if (HasDname(owner))
        {
            return false;
        }

        var place = _writer.Position;
        AddRequired(dname, owner, ref _answers);
        if (!_truncated)
        {
            _dnames[_dnameCount++] = (ushort)place;
        }

        return true;
    }

    /// <summary>Adds the signatures of a set in the answer section, whose owner they share.</summary>
    public void AddAnswerSignatures(SignedRecords signatures, scoped ReadOnlySpan<byte> owner) => AddRequired(signatures, owner, ref _answers);

    /// <summary>Adds the signatures of a set in the authority section.</summary>
    public void AddAuthoritySignatures(SignedRecords signatures, scoped ReadOnlySpan<byte> owner) => AddRequired(signatures, owner, ref _authorities);

    /// <summary>Adds the signatures of addresses in the additional section; they may be missing (RFC 4035 §3.1.1).</summary>
    public void AddAdditionalSignatures(SignedRecords signatures, scoped ReadOnlySpan<byte> owner)
    {
        if (!_truncated)
        {
            TryAdd(signatures, owner, ref _additionals);
        }
    }

    /// <summary>Ends the answer here: the rest is to be had over TCP.</summary>
    public void Truncate() => _truncated = true;

    /// <summary>Adds a record that no zone holds: the CNAME that a DNAME makes (RFC 6672 §3.1).</summary>
    public void AddSynthesizedCname(scoped ReadOnlySpan<byte> owner, uint ttl, scoped ReadOnlySpan<byte> target)
    {
        if (_truncated)
        {
            return;
        }

        RememberQuestion();
        var mark = _writer.Mark();
        if (_writer.TryWriteRecord(owner, RecordType.CNAME, RecordClass.IN, ttl, target))
        {
            _answers++;
            return;
        }

        _writer.Rollback(mark);
        _truncated = true;
    }

    /// <summary>Adds a set to the authority section.</summary>
    public void AddAuthority(in WireRRset rrset, scoped ReadOnlySpan<byte> owner) => AddRequired(rrset, owner, ref _authorities);

    /// <summary>Adds addresses: a referral's own glue is required (RFC 9471 §3.1), all else is a favour.</summary>
    /// <returns>Whether they fitted.</returns>
    public bool AddAdditional(in WireRRset rrset, scoped ReadOnlySpan<byte> owner, bool required)
    {
        if (_truncated)
        {
            return false;
        }

        var added = TryAdd(rrset, owner, ref _additionals);
        _truncated = !added && required;
        return added;
    }

    /// <summary>Writes header and OPT record; returns the answer's length.</summary>
    public int Finish()
    {
        var query = _query.Header;
        if (_query.HasEdns)
        {
            _writer.Limit = _answer.Length;
            Edns.TryWrite(ref _writer, Edns.SafePayloadSize, _query.DnssecOk, Rcode, _options, CompactOk);
            _additionals++;
        }

        // RD is copied (RFC 1035 §4.1.1), and so is CD (RFC 4035 §3.2.2).
        var flags = MessageFlags.Response | Flags
            | (query.Flags & (MessageFlags.RecursionDesired | MessageFlags.CheckingDisabled))
            | (_truncated ? MessageFlags.Truncated : MessageFlags.None);
        new MessageHeader(query.Id, flags, query.Opcode, Rcode, 1, _answers, _authorities, _additionals).Write(_answer);
        return _writer.Position;
    }

    private readonly bool HasDname(scoped ReadOnlySpan<byte> owner)
    {
        for (var i = 0; i < _dnameCount; i++)
        {
            if (_writer.IsName(_dnames[i], owner))
            {
                return true;
            }
        }

        return false;
    }

    private void AddRequired(in WireRRset rrset, scoped ReadOnlySpan<byte> owner, ref ushort count)
    {
        if (!_truncated && !TryAdd(rrset, owner, ref count))
        {
            _truncated = true;
        }
    }

    private bool TryAdd(in WireRRset rrset, scoped ReadOnlySpan<byte> owner, ref ushort count)
    {
        if (owner.IsEmpty && RDataNames.Layout(rrset.Type).IsEmpty)
        {
            // No name to compress: the records stand in the answer just as they are kept.
            if (!_writer.TryWriteBytes(rrset.Records))
            {
                return false;
            }

            count += (ushort)rrset.Count;
            return true;
        }

        RememberQuestion();
        var mark = _writer.Mark();
        var ttl = rrset.Ttl;
        var walk = rrset.Records;
        while (WireRRset.TryNext(ref walk, out var data))
        {
            var written = owner.IsEmpty
                ? _writer.TryWriteRecord(MessageHeader.Length, rrset.Type, RecordClass.IN, ttl, data)
                : _writer.TryWriteRecord(owner, rrset.Type, RecordClass.IN, ttl, data);
            if (!written)
            {
                _writer.Rollback(mark);
                return false;
            }
        }

        count += (ushort)rrset.Count;
        return true;
    }

    private void AddRequired(SignedRecords signatures, scoped ReadOnlySpan<byte> owner, ref ushort count)
    {
        if (!_truncated && !TryAdd(signatures, owner, ref count))
        {
            _truncated = true;
        }
    }

    private bool TryAdd(SignedRecords signatures, scoped ReadOnlySpan<byte> owner, ref ushort count)
    {
        if (owner.IsEmpty)
        {
            // Nothing in an RRSIG is compressed (RFC 4034 §3.1.7): it stands in the answer as it is kept.
            if (!_writer.TryWriteBytes(signatures.Records))
            {
                return false;
            }
        }
        else
        {
            RememberQuestion();
            var mark = _writer.Mark();
            ReadOnlySpan<byte> walk = signatures.Records;
            while (!walk.IsEmpty)
            {
                if (!_writer.TryWriteRecord(owner, RecordType.RRSIG, RecordClass.IN, RecordLayout.TtlOf(walk), RecordLayout.DataOf(walk)))
                {
                    _writer.Rollback(mark);
                    return false;
                }

                walk = walk[RecordLayout.LengthOf(walk)..];
            }
        }

        count += (ushort)signatures.Count;
        return true;
    }

    private void RememberQuestion()
    {
        if (!_questionRemembered)
        {
            _writer.Remember(MessageHeader.Length);
            _questionRemembered = true;
        }
    }
}
