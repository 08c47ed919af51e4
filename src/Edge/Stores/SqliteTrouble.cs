using Microsoft.Data.Sqlite;

namespace Edge.Stores;

/// <summary>Says in one sentence what is wrong with the store's file and what to do. The codes are SQLite's result codes.</summary>
internal static class SqliteTrouble
{
    private const int Busy = 5, Locked = 6, ReadOnly = 8, IoError = 10, Corrupt = 11, Full = 13, CannotOpen = 14, NotADatabase = 26;

    public static StoreUnavailableException Explain(SqliteException wrong, string file) => new(Sentence(wrong, file), wrong)
    {
        OutOfSpace = IsFull(wrong),
    };

    /// <summary>True when the connection is as good as before the failure, so that it need not be opened anew.</summary>
    public static bool LeavesConnection(SqliteException wrong) => wrong.SqliteErrorCode is Full or Busy or Locked;

    /// <summary>True when the file system, and not the file, is the trouble.</summary>
    public static bool IsOfTheFileSystem(SqliteException wrong) => wrong.SqliteErrorCode is IoError or CannotOpen;

    private static bool IsFull(SqliteException wrong) => wrong.SqliteErrorCode == Full;

    private static string Sentence(SqliteException wrong, string file) => wrong.SqliteErrorCode switch
    {
        Full => $"the store {file} cannot be written because the disk is full: free some space there; what was stored before is kept and Edge goes on by itself",
        Busy or Locked => $"the store {file} is locked by another program: close the program that has it open, such as sqlite3",
        ReadOnly => $"the store {file} is read-only: give the user that runs Edge the right to write the file and its folder",
        Corrupt => $"the store {file} is damaged: move it and the files beside it ({Path.GetFileName(file)}-wal, -shm) away and put a backup in their place, or start without; what only the store knew must then be registered again",
        NotADatabase => $"the store {file} is not a store of Edge: move the file away, or name another data folder",
        CannotOpen => $"the store {file} cannot be opened: see that its folder exists, that the user that runs Edge may write there, and that the disk is not full",
        IoError => $"the store {file} cannot be read or written (error {wrong.SqliteExtendedErrorCode} of the disk or file system): see the system's log about that disk",
        _ => $"the store {file} failed: {wrong.Message}",
    };
}
