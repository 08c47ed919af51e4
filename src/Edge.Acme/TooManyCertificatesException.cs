namespace Edge.Acme;

/// <summary>Our own guard: one more certificate for the same names would use up what a CA gives in a week.</summary>
/// <param name="otherwise">What a person can do about it, beginning with a comma.</param>
internal sealed class TooManyCertificatesException(string otherwise) : Exception(
    $"four certificates for exactly these names were obtained within a week, and none of them should need replacing yet: find out where they went{otherwise}");
