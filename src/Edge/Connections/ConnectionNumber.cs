namespace Edge.Connections;

/// <summary>Short names of connections, for logs and the numbers of their requests; each start begins elsewhere.</summary>
internal static class ConnectionNumber
{
    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUV";

    private static long _last = Random.Shared.NextInt64();

    public static string Next() => string.Create(13, Interlocked.Increment(ref _last), static (text, number) =>
    {
        for (var i = text.Length - 1; i >= 0; i--)
        {
            text[i] = Digits[(int)(number & 31)];
            number >>= 5;
        }
    });
}
