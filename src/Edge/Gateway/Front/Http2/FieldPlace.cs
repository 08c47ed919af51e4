namespace Edge.Gateway.Front.Http2;

/// <summary>Where a field lies among the bytes of its list.</summary>
/// <param name="Start">Where its name begins, which its value follows.</param>
/// <param name="NameLength">How long its name is.</param>
/// <param name="ValueLength">How long its value is.</param>
/// <param name="IsSecret">Nobody may keep it in a table (RFC 7541 section 6.2.3).</param>
internal readonly record struct FieldPlace(int Start, int NameLength, int ValueLength, bool IsSecret);
