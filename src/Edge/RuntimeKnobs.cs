namespace Edge;

/// <summary>What the runtime takes from the environment, set before it looks: nothing here may come after the first socket or certificate.</summary>
internal static class RuntimeKnobs
{
    /// <param name="data">The data folder, a full path.</param>
    public static void Set(string data)
    {
        CompleteSocketsInline();
        GiveHome(data);
    }

    // Completes socket operations on the thread that learned of them instead of handing each to the thread pool: most of
    // the cost of a forwarded request is such hand-overs. A user's own setting wins.
    private static void CompleteSocketsInline()
    {
        const string inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";
        if (Environment.GetEnvironmentVariable(inline) is null)
        {
            Environment.SetEnvironmentVariable(inline, "1");
        }
    }

    // The framework looks for certificate stores in the user's home and fails where a container or a service has none.
    private static void GiveHome(string data)
    {
        if (!Directory.Exists(Environment.GetEnvironmentVariable("HOME")))
        {
            Environment.SetEnvironmentVariable("HOME", data);
        }
    }
}
