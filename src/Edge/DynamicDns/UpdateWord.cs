namespace Edge.DynamicDns;

/// <summary>What clients of dyndns2 understand.</summary>
internal static class UpdateWord
{
    /// <summary>The addresses are the name's now; they follow.</summary>
    public const string Good = "good";

    /// <summary>They were before; they follow.</summary>
    public const string Unchanged = "nochg";

    /// <summary>The password is none of ours.</summary>
    public const string BadAuth = "badauth";

    /// <summary>No host name of at least two labels.</summary>
    public const string NotFqdn = "notfqdn";

    /// <summary>Not in a zone of ours, not this client's, or somebody else's.</summary>
    public const string NoHost = "nohost";

    /// <summary>More names than one request may have.</summary>
    public const string TooMany = "numhost";

    /// <summary>Too many requests.</summary>
    public const string Abuse = "abuse";

    /// <summary>What was sent cannot be made records of.</summary>
    public const string DnsError = "dnserr";

    /// <summary>Trouble here: later it may go.</summary>
    public const string Trouble = "911";
}
