namespace Edge.Dns.Filtering;

/// <summary>How the lines of a list are meant.</summary>
/// <param name="PlainReachesBelow">Whether a plain domain stands for what is below it as well; those who publish such lists mean the name alone.</param>
/// <param name="Allows">Whether the list names what is allowed.</param>
public readonly record struct ListSyntax(bool PlainReachesBelow = false, bool Allows = false);
