namespace Edge.Certificates;

/// <summary>A certificate that was just made for a client, with its key, of which no copy is kept. All in PEM.</summary>
/// <param name="Client">What is kept of it.</param>
/// <param name="Certificate">The certificate.</param>
/// <param name="Key">Its key.</param>
/// <param name="Root">The CA's own certificate.</param>
internal sealed record MadeClient(IssuedClient Client, string Certificate, string Key, string Root);
