namespace Edge.Dns.Filtering;

/// <summary>What a rule does, and how far it reaches.</summary>
[Flags]
public enum RuleKind
{
    /// <summary>Blocks the name itself.</summary>
    Block = 0,

    /// <summary>Allows instead of blocking.</summary>
    Allow = 1,

    /// <summary>Goes before every rule of the lists that is not important (<c>$important</c>).</summary>
    Important = 2,

    /// <summary>Holds for what is below the name as well.</summary>
    Below = 4,
}
