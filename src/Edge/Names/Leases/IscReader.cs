using System.Globalization;
using System.Net;
using System.Text;

namespace Edge.Names.Leases;

/// <summary>
/// ISC dhcpd's journal: blocks "lease ADDRESS { … }", and for IPv6 "ia-na "IAID-DUID" { iaaddr ADDRESS { … } }". The last
/// block of an address counts. A block whose end is not written yet waits for it.
/// </summary>
internal sealed class IscReader(LeaseTable table) : ILeaseReader
{
    private const int LongestStatement = 256;
    private const int IaidLength = 4;

    private readonly List<string> _statement = [];
    private string _part = "";
    private int _depth;
    private IscBlock? _lease;
    private int _leaseDepth;
    private string _duid = "";

    public void Begin(string part)
    {
        (_part, _depth, _lease, _duid) = (part, 0, null, "");
        _statement.Clear();
    }

    public void Read(string line, int number)
    {
        // A block begins at the beginning of a line: what is open then was torn, by a crash or a full disk.
        if ((_depth > 0 || _statement.Count > 0) && (line.StartsWith("lease ", StringComparison.Ordinal) || line.StartsWith("ia-", StringComparison.Ordinal)))
        {
            table.Mistake(_part, number, "a block begins before the one above it has ended");
            (_depth, _lease) = (0, null);
            _statement.Clear();
        }

        foreach (var token in IscTokens.Of(line))
        {
            switch (token)
            {
                case "{":
                    Open(number);
                    break;
                case "}":
                    Close(number);
                    break;
                case ";":
                    Take(number);
                    _statement.Clear();
                    break;
                default:
                    Add(token, number);
                    break;
            }
        }
    }

    private void Add(string token, int number)
    {
        if (_statement.Count == LongestStatement)
        {
            table.Mistake(_part, number, "has a statement without an end");
            _statement.Clear();
        }

        _statement.Add(token);
    }

    private void Open(int number)
    {
        var (word, argument) = (_statement.Count > 0 ? _statement[0] : "", _statement.Count > 1 ? _statement[1] : "");
        _statement.Clear();
        _depth++;
        if (word is "ia-na" or "ia-ta" or "ia-pd")
        {
            _duid = argument.Length > IaidLength ? Convert.ToHexStringLower(Encoding.Latin1.GetBytes(argument)[IaidLength..]) : "";
        }
        else if (word is "lease" or "iaaddr")
        {
            if (LeaseText.TryAddress(argument, out var address))
            {
                (_lease, _leaseDepth) = (new IscBlock(address, number), _depth);
            }
            else
            {
                table.Mistake(_part, number, $"\"{LeaseText.Shown(argument)}\" is not an address");
            }
        }
    }

    private void Close(int number)
    {
        if (_depth == 0)
        {
            table.Mistake(_part, number, "a block ends that has not begun");
            return;
        }

        if (_lease is { } block && _depth == _leaseDepth)
        {
            Finish(block);
            _lease = null;
        }

        _depth--;
        _statement.Clear();
    }

    private void Finish(IscBlock block)
    {
        if (block.Mistake is { } mistake)
        {
            table.Mistake(_part, block.Line, mistake);
        }
        else if (block.State is not (null or "active"))
        {
            table.Remove(block.Address);
        }
        else
        {
            var device = _duid.Length > 0 ? DeviceId.OfIPv6(_duid) : DeviceId.OfIPv4(block.ClientId, block.Hardware);
            table.Put(block.Address, block.HostName ?? block.ForwardName ?? "", device, block.Starts, block.Ends, _part, block.Line);
        }
    }

    private void Take(int number)
    {
        if (_lease is not { } block || _depth != _leaseDepth)
        {
            return;
        }

        switch (_statement)
        {
            case ["starts" or "cltt", .. var time]:
                block.Starts = TryTime(time, out var starts) ? starts ?? block.Starts : block.Starts;
                break;
            case ["ends", .. var time]:
                block.Ends = TryTime(time, out var ends) ? ends : null;
                block.Mistake ??= ends is null && time is not ["never"] ? $"\"ends {LeaseText.Shown(string.Join(' ', time))}\" (line {number}) is not a time" : null;
                break;
            case ["binding", "state", var state]:
                block.State = state;
                break;
            case ["hardware", _, var address]:
                block.Hardware = address;
                break;
            case ["uid", var id]:
                block.ClientId = Convert.ToHexStringLower(Encoding.Latin1.GetBytes(id));
                break;
            case ["client-hostname", var name]:
                block.HostName = name;
                break;
            case ["set", "ddns-fwd-name", "=", var name]:
                block.ForwardName = name;
                break;
        }
    }

    // "4 2026/11/26 12:10:00" in UTC, or "epoch 1795694400", or "never".
    private static bool TryTime(List<string> words, out DateTimeOffset? time)
    {
        time = null;
        if (words is ["epoch", var text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= LeaseTime.Latest)
        {
            time = LeaseTime.At(seconds);
        }
        else if (words is [_, var day, var clock]
            && DateTimeOffset.TryParseExact($"{day} {clock}", "yyyy/MM/dd HH:mm:ss", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var read))
        {
            time = read;
        }

        return time is not null;
    }
}
