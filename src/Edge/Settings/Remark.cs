namespace Edge.Settings;

/// <summary>What <c>edge check</c> says of a setting that can be read and yet does nothing, or harm. It keeps nobody from starting.</summary>
/// <param name="Problem">What it is, and where.</param>
/// <param name="IsMistake">Whether nobody can want it so; what depends on this machine may be well on another day.</param>
internal sealed record Remark(Problem Problem, bool IsMistake);
