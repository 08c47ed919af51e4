namespace Edge.Dns.Zones;

/// <summary>RRSIG records over one RRset, kept beside it until they are to be made anew.</summary>
/// <param name="Records">The records as they stand behind a question: each begins with a pointer to offset 12.</param>
/// <param name="Count">How many.</param>
/// <param name="RefreshAt">When they are made anew: Unix time in seconds, well before they expire.</param>
/// <param name="Signer">Whose signatures they are; those of another signer are not served.</param>
public sealed record SignedRecords(byte[] Records, int Count, long RefreshAt, object Signer);
