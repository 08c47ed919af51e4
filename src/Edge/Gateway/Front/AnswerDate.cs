using System.Globalization;
using System.Text;

namespace Edge.Gateway.Front;

/// <summary>The time as answers have it (RFC 9110 section 5.6.7), written anew once a second.</summary>
internal sealed class AnswerDate(TimeProvider time)
{
    private Written _last = new(long.MinValue, []);

    public ReadOnlySpan<byte> Now(DateTimeOffset now)
    {
        var (second, last) = (now.ToUnixTimeSeconds(), _last);
        if (last.Second != second)
        {
            _last = last = new Written(second, Encoding.ASCII.GetBytes(now.ToString("R", CultureInfo.InvariantCulture)));
        }

        return last.Text;
    }

    public ReadOnlySpan<byte> Now() => Now(time.GetUtcNow());

    private sealed record Written(long Second, byte[] Text);
}
