namespace Edge;

/// <summary>Switches of the runtime that must be set before the first socket; measured in benchmarks/README.md.</summary>
internal static class RuntimeKnobs
{
    /// <summary>
    /// Completes socket operations on the thread that learned of them instead of handing each to the thread pool: most
    /// of the cost of a forwarded request is such hand-overs. A user's own setting wins.
    /// </summary>
    public static void Set()
    {
        const string inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(inline) is null)
        {
            Environment.SetEnvironmentVariable(inline, "1");
        }
    }
}
