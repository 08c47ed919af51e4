namespace Edge.Dns.Filtering;

/// <summary>Which sources have a rule that matches, as a bit for each, by what the rule does.</summary>
internal record struct RuleHits
{
    public UInt128 Block;
    public UInt128 Allow;
    public UInt128 ImportantBlock;
    public UInt128 ImportantAllow;

    public readonly bool Any => (Block | Allow | ImportantBlock | ImportantAllow) != 0;

    public void Add(in RuleHits other)
    {
        Block |= other.Block;
        Allow |= other.Allow;
        ImportantBlock |= other.ImportantBlock;
        ImportantAllow |= other.ImportantAllow;
    }

    public void Add(RuleKind kind, int source)
    {
        var bit = UInt128.One << source;
        switch (kind & (RuleKind.Allow | RuleKind.Important))
        {
            case RuleKind.Allow:
                Allow |= bit;
                break;
            case RuleKind.Important:
                ImportantBlock |= bit;
                break;
            case RuleKind.Allow | RuleKind.Important:
                ImportantAllow |= bit;
                break;
            default:
                Block |= bit;
                break;
        }
    }
}
