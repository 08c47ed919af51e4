using System.Text;

namespace Edge.Dns.Zones.Formatting;

/// <summary>The widths of the columns of a block; 0 for one that no line uses.</summary>
internal sealed record FormatColumns(int Owner, int Ttl, int Class, int Type)
{
    /// <summary>Where the data begins.</summary>
    public int Total => Owner + 1 + Wide(Ttl) + Wide(Class) + Type + 1;

    /// <summary>The columns before the data.</summary>
    public string Head(FormatRecord record)
    {
        var head = new StringBuilder();
        Append(head, record.Owner, Owner);
        if (Ttl > 0)
        {
            Append(head, record.Ttl, Ttl);
        }

        if (Class > 0)
        {
            Append(head, record.Class, Class);
        }

        Append(head, record.Type, Type);
        return head.ToString();
    }

    private static void Append(StringBuilder to, string text, int width) => to.Append(text.PadRight(width)).Append(' ');

    private static int Wide(int width) => width > 0 ? width + 1 : 0;
}
