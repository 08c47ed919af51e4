using Edge.Dns.Wire;

namespace Edge.Dns.Resolver;

/// <summary>What makes two questions the same one for upstreams and cache: name, type, and the DO and CD bits.</summary>
internal readonly record struct QuestionKey(Name Name, RecordType Type, byte KeyFlags)
{
    private const byte DnssecOkFlag = 1;
    private const byte CheckingDisabledFlag = 2;

    public bool DnssecOk => IsDnssecOk(KeyFlags);

    public bool CheckingDisabled => (KeyFlags & CheckingDisabledFlag) != 0;

    /// <summary>The key of a question whose name is given in wire form.</summary>
    public static QuestionKey LowerCase(ReadOnlySpan<byte> name, RecordType type, byte keyFlags)
    {
        Span<byte> lower = stackalloc byte[Name.MaxWireLength];
        for (var i = 0; i < name.Length; i++)
        {
            // Length bytes are below 64 and stay as they are.
            lower[i] = NameComparison.Lower(name[i]);
        }

        return new QuestionKey(Name.FromWire(lower[..name.Length]), type, keyFlags);
    }

    public static bool IsDnssecOk(byte keyFlags) => (keyFlags & DnssecOkFlag) != 0;

    public static byte Flags(bool dnssecOk, bool checkingDisabled) =>
        (byte)((dnssecOk ? DnssecOkFlag : 0) | (checkingDisabled ? CheckingDisabledFlag : 0));
}
