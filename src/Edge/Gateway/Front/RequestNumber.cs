using System.Globalization;

namespace Edge.Gateway.Front;

/// <summary>The number of a request as the web server writes it: its connection's, and the how many-th it is there.</summary>
internal static class RequestNumber
{
    private const int Digits = 8;

    public static string Of(string connection, int number) => string.Create(connection.Length + 1 + Digits, (connection, number), static (text, of) =>
    {
        of.connection.CopyTo(text);
        text[of.connection.Length] = ':';
        of.number.TryFormat(text[(of.connection.Length + 1)..], out _, "X8", CultureInfo.InvariantCulture);
    });
}
