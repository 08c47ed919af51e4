namespace Edge.Dns.Wire;

/// <summary>A place in a message to which a writer can go back.</summary>
/// <param name="Position">Bytes written.</param>
/// <param name="NameCount">Names known for compression.</param>
public readonly record struct WriterMark(int Position, int NameCount);
