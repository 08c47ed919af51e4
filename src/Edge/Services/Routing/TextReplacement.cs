namespace Edge.Services.Routing;

/// <summary>Replaces what a regular expression finds first.</summary>
/// <param name="Expression">The expression.</param>
/// <param name="By">What stands there afterwards; $1 and ${name} are what the groups found.</param>
internal sealed record TextReplacement(string Expression, string By);
