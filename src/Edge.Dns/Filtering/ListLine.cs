using System.Net;

namespace Edge.Dns.Filtering;

/// <summary>Reads one line of a list, whichever of the three syntaxes it is in: hosts file, domain, adblock.</summary>
internal sealed class ListLine(ListSyntax syntax, IRuleSink sink, int source)
{
    private readonly AdblockLine _adblock = new(syntax, sink, source);

    // What hosts files say about the machine itself; blocking these would block the machine.
    private static readonly HashSet<string> OwnNames = new(StringComparer.OrdinalIgnoreCase)
    {
        "localhost", "localhost.localdomain", "local", "broadcasthost", "ip6-localhost", "ip6-loopback", "ip6-localnet",
        "ip6-mcastprefix", "ip6-allnodes", "ip6-allrouters", "ip6-allhosts", "0.0.0.0", "127.0.0.1", "::1",
    };

    /// <summary>Reads a line.</summary>
    /// <param name="line">Its number, from 1.</param>
    /// <param name="text">Its text without the line end.</param>
    public void Read(int line, ReadOnlySpan<byte> text)
    {
        text = text.Trim(" \t\r\v\f"u8);
        if (text.IsEmpty || text[0] is (byte)'!' or (byte)'#' or (byte)'[' or (byte)';')
        {
            return;
        }

        if (AdblockLine.IsCosmetic(text))
        {
            sink.Skip(line, null);
            return;
        }

        if (AdblockLine.IsFor(text))
        {
            _adblock.Read(line, text);
            return;
        }

        text = WithoutComment(text);
        var blank = text.IndexOfAny(" \t"u8);
        if (blank > 0)
        {
            ReadHosts(line, text[..blank], text[blank..]);
        }
        else
        {
            ReadDomain(line, text);
        }
    }

    private static ReadOnlySpan<byte> WithoutComment(ReadOnlySpan<byte> text)
    {
        var comment = text.IndexOf((byte)'#');
        return comment < 0 ? text : text[..comment].TrimEnd(" \t"u8);
    }

    // A line of a hosts file is about its names alone, not about what is below them.
    private void ReadHosts(int line, ReadOnlySpan<byte> address, ReadOnlySpan<byte> names)
    {
        if (!TryReadAddress(address, out var blocks))
        {
            sink.Skip(line, "is neither a domain nor a line of a hosts file");
            return;
        }

        while (!(names = names.TrimStart(" \t"u8)).IsEmpty)
        {
            var end = names.IndexOfAny(" \t"u8);
            var text = end < 0 ? names : names[..end];
            names = names[text.Length..];
            if (IsOwnName(text))
            {
                continue;
            }

            if (!DomainText.TryRead(text, out var name))
            {
                sink.Skip(line, "has a name that is none");
            }
            else if (blocks)
            {
                sink.Add(line, in name, syntax.Allows ? RuleKind.Allow : RuleKind.Block);
            }
            else
            {
                sink.Skip(line, "gives a name an address of its own, which only \"answers\" in edge.yaml may do");
            }
        }
    }

    private static bool IsOwnName(ReadOnlySpan<byte> text)
    {
        const int Longest = 22;
        Span<char> letters = stackalloc char[Longest];
        return text.Length < Longest && System.Text.Ascii.ToUtf16(text, letters, out var length) == System.Buffers.OperationStatus.Done
            && OwnNames.GetAlternateLookup<ReadOnlySpan<char>>().Contains(letters[..length]);
    }

    // Lists block with the unspecified address or with the loopback.
    private static bool TryReadAddress(ReadOnlySpan<byte> text, out bool blocks)
    {
        blocks = text.SequenceEqual("0.0.0.0"u8) || text.SequenceEqual("127.0.0.1"u8) || text.SequenceEqual("::"u8) || text.SequenceEqual("::1"u8);
        if (blocks)
        {
            return true;
        }

        if (!IPAddress.TryParse(System.Text.Encoding.ASCII.GetString(text), out var address))
        {
            return false;
        }

        blocks = IPAddress.IsLoopback(address) || address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        return true;
    }

    private void ReadDomain(int line, ReadOnlySpan<byte> text)
    {
        // "*.example.com" and ".example.com" are how lists of whole domains are written: those mean the domain as well.
        var wild = text.StartsWith("*."u8) ? 2 : text.StartsWith("."u8) ? 1 : 0;
        if (IsOwnName(text) || IPAddress.TryParse(text, out _))
        {
            sink.Skip(line, null);
        }
        else if (!DomainText.TryRead(text[wild..], out var name))
        {
            sink.Skip(line, "is not a domain name");
        }
        else if (name.Labels == 1)
        {
            sink.Skip(line, "is a single word; to block all of a top-level domain, write ||word^");
        }
        else
        {
            var below = wild > 0 || syntax.PlainReachesBelow ? RuleKind.Below : 0;
            sink.Add(line, in name, below | (syntax.Allows ? RuleKind.Allow : 0));
        }
    }
}
