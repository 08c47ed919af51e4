using System.Xml;

namespace Edge.PortMapping.Upnp;

/// <summary>Reads what a router writes: no document type, no entity, nothing from elsewhere, and nothing that is deep.</summary>
internal static class RouterXml
{
    private const int Deepest = 32;

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = RouterHttp.Most,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
    };

    /// <summary>The elements with text, in their order, each with the names on the way to it; null for what is no such document.</summary>
    public static List<(string Path, string Name, string Text)>? Read(string text)
    {
        var found = new List<(string Path, string Name, string Text)>();
        var path = new Stack<string>();
        try
        {
            // Some routers end what they send with zeros.
            using var reader = XmlReader.Create(new StringReader(text.TrimStart().TrimEnd('\0', ' ', '\r', '\n', '\t')), Settings);
            while (reader.Read())
            {
                switch (reader.NodeType)
                {
                    case XmlNodeType.Element when !reader.IsEmptyElement:
                        if (path.Count == Deepest)
                        {
                            return null;
                        }

                        path.Push(reader.LocalName);
                        break;
                    case XmlNodeType.EndElement:
                        found.Add((string.Join('/', path.Reverse()), path.Pop(), ""));
                        break;
                    case XmlNodeType.Text or XmlNodeType.CDATA when path.Count > 0:
                        found.Add((string.Join('/', path.Reverse()), path.Peek(), reader.Value.Trim()));
                        break;
                }
            }
        }
        catch (XmlException)
        {
            return null;
        }

        return found;
    }

    /// <summary>The text of the first element of a name; null without one.</summary>
    public static string? First(string text, string name) => Read(text)?.Find(element => element.Name == name && element.Text.Length > 0) is { Text: not null } found ? found.Text : null;

    /// <summary>A text as it is written between tags.</summary>
    public static string Escape(string text) => System.Security.SecurityElement.Escape(text);
}
