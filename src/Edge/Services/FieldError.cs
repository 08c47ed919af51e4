namespace Edge.Services;

/// <summary>One field at fault.</summary>
internal sealed record FieldError(string Field, string Message, string? Hint = null);
