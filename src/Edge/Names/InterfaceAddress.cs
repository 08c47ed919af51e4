using System.Globalization;
using System.Net;

namespace Edge.Names;

/// <summary>An IPv6 address of this machine as the kernel lists it in <c>/proc/net/if_inet6</c>, with what .NET does not tell: whether it is still to be used.</summary>
/// <param name="Address">The address.</param>
/// <param name="PrefixLength">How much of it is the network's.</param>
/// <param name="Flags">IFA_F_… of linux/if_addr.h.</param>
/// <param name="Interface">The interface.</param>
internal sealed record InterfaceAddress(IPAddress Address, int PrefixLength, int Flags, string Interface)
{
    private const string List = "/proc/net/if_inet6";
    private const int Temporary = 0x01, Failed = 0x08, Deprecated = 0x20, Tentative = 0x40;

    /// <summary>It is one of the internet's, and may be told to others: the router has not withdrawn its prefix.</summary>
    public bool IsPreferred => (Flags & (Failed | Deprecated | Tentative)) == 0 && (Address.GetAddressBytes()[0] & 0xE0) == 0x20;

    /// <summary>It is no one that is thrown away after a day (RFC 8981).</summary>
    public bool IsStable => (Flags & Temporary) == 0;

    /// <summary>Those of this machine now; none where the system does not tell.</summary>
    public static IReadOnlyList<InterfaceAddress> Read()
    {
        try
        {
            return Parse(File.ReadAllText(List));
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Reads the kernel's list: address, number of the interface, prefix length, scope, flags, interface; all in hexadecimal.</summary>
    public static IReadOnlyList<InterfaceAddress> Parse(string text) =>
    [
        .. text.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(words => words.Length == 6 && words[0].Length == 32)
            .Select(words => new InterfaceAddress(new IPAddress(Convert.FromHexString(words[0])), Hex(words[2]), Hex(words[4]), words[5])),
    ];

    private static int Hex(string word) => int.Parse(word, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
