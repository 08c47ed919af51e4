namespace Edge.Dns.Listeners;

/// <summary>An address cannot be listened on. The message names it and says what to do.</summary>
public sealed class ListenException : IOException
{
    /// <summary>Says what is wrong and what to do.</summary>
    public ListenException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}
