namespace Edge.Names.Leases;

/// <summary>Reads the lines of one format into a table, one after the other: a file that grows is read on where it ended.</summary>
internal interface ILeaseReader
{
    /// <summary>Called before the first line of every file that belongs to the table.</summary>
    /// <param name="part">The file as the user knows it.</param>
    void Begin(string part);

    /// <param name="line">One whole line without its end.</param>
    /// <param name="number">Its number, from 1.</param>
    void Read(string line, int number);
}
