namespace Edge.Admin.Setup;

/// <summary>Ready-made lines for one program.</summary>
/// <param name="Word">What the user calls it: "dnsmasq".</param>
/// <param name="Title">Where the lines go.</param>
/// <param name="Text">The lines, comments in them included.</param>
internal sealed record SetupPart(string Word, string Title, string Text);
