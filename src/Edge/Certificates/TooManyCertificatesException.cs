namespace Edge.Certificates;

/// <summary>Our own guard: one more certificate for the same names would use up what a CA gives in a week.</summary>
internal sealed class TooManyCertificatesException(string name) : Exception(
    $"four certificates for exactly these names were obtained within a week, and none of them should need replacing yet: find out where they went, or say \"edge certs renew {name}\"");
