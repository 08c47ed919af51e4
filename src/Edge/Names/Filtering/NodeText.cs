using System.Text;
using Edge.Settings;

namespace Edge.Names.Filtering;

/// <summary>What a piece of a settings file says, without where it stands: to see whether anything of it changed.</summary>
internal static class NodeText
{
    public static string Of(Node node)
    {
        var text = new StringBuilder();
        Append(text, node);
        return text.ToString();
    }

    private static void Append(StringBuilder text, Node node)
    {
        switch (node)
        {
            case MapNode map:
                text.Append('{');
                foreach (var (key, value) in map.Entries)
                {
                    text.Append(key).Append('=');
                    Append(text, value);
                }

                text.Append('}');
                break;
            case ListNode list:
                text.Append('[');
                foreach (var item in list.Items)
                {
                    Append(text, item);
                }

                text.Append(']');
                break;
            case ScalarNode scalar:
                text.Append('"').Append(scalar.Value).Append('"');
                break;
        }
    }
}
