using System.Buffers.Binary;
using Edge.Dns.Wire;

namespace Edge.Dns.Nameserver;

/// <summary>The EDNS options of a query that mean something here, found in one pass and in place; all others are ignored (RFC 6891 §6.1.2).</summary>
internal readonly ref struct QueryOptions
{
    // RFC 7873 §5.2.2: a client's cookie alone, or with a server's of 8 to 32 bytes.
    private const int LeastWithServer = 16;
    private const int MostWithServer = 40;

    /// <summary>The data of the COOKIE option; empty when there is none.</summary>
    public ReadOnlySpan<byte> Cookie { get; private init; }

    /// <summary>The data of the CLIENT-SUBNET option; empty when there is none.</summary>
    public ReadOnlySpan<byte> Subnet { get; private init; }

    /// <summary>NSID: who are you (RFC 5001 §2.1).</summary>
    public bool WantsNsid { get; private init; }

    /// <summary>How long may this connection rest (RFC 7828 §3.1).</summary>
    public bool WantsKeepalive { get; private init; }

    /// <summary>The query is padded, so the answer may be (RFC 7830 §3).</summary>
    public bool IsPadded { get; private init; }

    /// <summary>Whether a message has the edns-tcp-keepalive option (RFC 7828).</summary>
    /// <param name="query">The message.</param>
    /// <param name="header">Its header.</param>
    public static bool AskForKeepalive(ReadOnlySpan<byte> query, MessageHeader header) =>
        QueryMessage.TryFindOpt(query, header, out var opt) && TryRead(query.Slice(opt.DataOffset, opt.DataLength), out var options) && options.WantsKeepalive;

    /// <summary>Reads the options of a query; false when one is malformed.</summary>
    /// <param name="data">The data of the OPT record, every option whole.</param>
    /// <param name="options">What was found; of an option that stands there twice, the first.</param>
    public static bool TryRead(ReadOnlySpan<byte> data, out QueryOptions options)
    {
        options = default;
        while (data.Length >= 4)
        {
            var code = BinaryPrimitives.ReadUInt16BigEndian(data);
            var option = data.Slice(4, BinaryPrimitives.ReadUInt16BigEndian(data[2..]));
            data = data[(4 + option.Length)..];
            switch (code)
            {
                case EdnsOption.CookieOption when options.Cookie.IsEmpty:
                    if (option.Length is not (ServerCookies.ClientLength or (>= LeastWithServer and <= MostWithServer)))
                    {
                        return false;
                    }

                    options = options with { Cookie = option };
                    break;
                case EdnsOption.ClientSubnetOption when options.Subnet.IsEmpty:
                    options = options with { Subnet = option };
                    break;
                case EdnsOption.NsidOption:
                    options = options with { WantsNsid = true };
                    break;
                case EdnsOption.KeepaliveOption:
                    options = options with { WantsKeepalive = true };
                    break;
                case EdnsOption.PaddingOption:
                    options = options with { IsPadded = true };
                    break;
            }
        }

        return true;
    }
}
