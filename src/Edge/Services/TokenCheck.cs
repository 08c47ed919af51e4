namespace Edge.Services;

/// <summary>The outcome of checking a secret.</summary>
/// <param name="State">What it is.</param>
/// <param name="Token">The token it belongs to; null when unknown.</param>
internal sealed record TokenCheck(TokenState State, Token? Token);
