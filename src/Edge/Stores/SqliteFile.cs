using System.Collections.Immutable;
using Microsoft.Data.Sqlite;

namespace Edge.Stores;

/// <summary>
/// The store's file: one connection with its prepared statements. WAL with synchronous=FULL: a transaction that was
/// committed is on the disk, whatever happens to the process or the power next (https://sqlite.org/wal.html).
/// </summary>
internal sealed class SqliteFile : IDisposable
{
    // "Edge" in ASCII: tells the file from other databases (https://sqlite.org/pragma.html#pragma_application_id).
    private const long ApplicationId = 0x45646765;
    private const long Format = 1;

    private const string Schema = """
        CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, last_lease INTEGER NOT NULL) STRICT;
        CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL, lease INTEGER) STRICT, WITHOUT ROWID;
        CREATE TABLE lease (id INTEGER PRIMARY KEY, time_to_live_ms INTEGER NOT NULL, ends_unix_ms INTEGER NOT NULL) STRICT;
        INSERT INTO state VALUES (1, 0, 0);
        PRAGMA application_id = 1164207973;
        PRAGMA user_version = 1;
        """;

    private readonly SqliteConnection _connection;
    private readonly SqliteCommand _begin, _commit, _rollback, _put, _delete, _putLease, _deleteLease, _state;

    private SqliteFile(SqliteConnection connection)
    {
        _connection = connection;
        _begin = Command("BEGIN IMMEDIATE");
        _commit = Command("COMMIT");
        _rollback = Command("ROLLBACK");
        _put = Command("INSERT OR REPLACE INTO entry (key, value, revision, lease) VALUES ($key, $value, $revision, $lease)", "$key", "$value", "$revision", "$lease");
        _delete = Command("DELETE FROM entry WHERE key = $key", "$key");
        _putLease = Command("INSERT OR REPLACE INTO lease (id, time_to_live_ms, ends_unix_ms) VALUES ($id, $ttl, $ends)", "$id", "$ttl", "$ends");
        _deleteLease = Command("DELETE FROM lease WHERE id = $id", "$id");
        _state = Command("UPDATE state SET revision = max(revision, $revision), last_lease = max(last_lease, $lease)", "$revision", "$lease");
    }

    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    /// <exception cref="StoreUnavailableException">The file is not one of ours, or a newer Edge wrote it.</exception>
    public static SqliteFile Open(string path)
    {
        if (!File.Exists(path) && !OperatingSystem.IsWindows())
        {
            // SQLite would make it readable for everybody; the files beside it get the mode of this one.
            using var created = new FileStream(path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.Write, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite });
        }

        try
        {
            return Open(path, "");
        }
        catch (SqliteException wrong) when (SqliteTrouble.IsOfTheFileSystem(wrong))
        {
            // WAL keeps its index in a file of its own, which a full disk does not take. A connection that has the
            // store alone keeps the index in memory, so that Edge starts there (https://sqlite.org/wal.html#noshm).
            return Open(path, "PRAGMA locking_mode = EXCLUSIVE; ");
        }
    }

    private static SqliteFile Open(string path, string first)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false, DefaultTimeout = 2 }.ToString());
        try
        {
            connection.Open();
            Run(connection, first + "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 8388608;");
            Settle(connection, path);
            return new SqliteFile(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>Throws when the file's pages do not fit together (https://sqlite.org/pragma.html#pragma_quick_check).</summary>
    public void Check(string path)
    {
        using var check = Command("PRAGMA quick_check(1)");
        if (check.ExecuteScalar() is not "ok")
        {
            throw SqliteTrouble.Explain(new SqliteException("quick_check", 11), path);
        }
    }

    public long Revision()
    {
        using var command = Command("SELECT revision FROM state");
        return (long)command.ExecuteScalar()!;
    }

    public (StoreImage Image, ImmutableArray<StoredLease> Leases, long LastLease) Load()
    {
        var entries = new List<StoreEntry>();
        using (var command = Command("SELECT key, value, revision, lease FROM entry"))
        using (var rows = command.ExecuteReader())
        {
            while (rows.Read())
            {
                entries.Add(new StoreEntry(rows.GetString(0), (byte[])rows.GetValue(1), rows.GetInt64(2), rows.IsDBNull(3) ? null : new LeaseId(rows.GetInt64(3))));
            }
        }

        var leases = ImmutableArray.CreateBuilder<StoredLease>();
        using (var command = Command("SELECT id, time_to_live_ms, ends_unix_ms FROM lease"))
        using (var rows = command.ExecuteReader())
        {
            while (rows.Read())
            {
                leases.Add(new StoredLease(new LeaseId(rows.GetInt64(0)), TimeSpan.FromMilliseconds(rows.GetInt64(1)), DateTimeOffset.FromUnixTimeMilliseconds(rows.GetInt64(2))));
            }
        }

        using var state = Command("SELECT last_lease FROM state");
        return (StoreImage.Of(entries, Revision()), leases.ToImmutable(), (long)state.ExecuteScalar()!);
    }

    /// <summary>Writes a batch in one transaction.</summary>
    public void Write(StoreBatch batch, long lastLease) => InTransaction(() => Put(batch, lastLease));

    /// <summary>Replaces all that stands in the file.</summary>
    public void Replace(StoreImage image, IEnumerable<StoredLease> leases, long lastLease) => InTransaction(() =>
    {
        Run(_connection, "DELETE FROM entry; DELETE FROM lease;");
        Put(new StoreBatch
        {
            Changes = [.. image.Entries.Select(entry => new StoreChange(entry.Key, entry.Revision, entry))],
            Leases = [.. leases],
        }, lastLease);
        using var state = Command("UPDATE state SET revision = $revision", "$revision");
        Execute(state, image.Revision);
    });

    public void Dispose()
    {
        foreach (var command in (SqliteCommand[])[_begin, _commit, _rollback, _put, _delete, _putLease, _deleteLease, _state])
        {
            command.Dispose();
        }

        _connection.Dispose();
    }

    private static void Settle(SqliteConnection connection, string path)
    {
        var (application, format) = (Number(connection, "PRAGMA application_id"), Number(connection, "PRAGMA user_version"));
        if (application == 0 && format == 0 && Number(connection, "SELECT count(*) FROM sqlite_schema") == 0)
        {
            Run(connection, $"BEGIN IMMEDIATE; {Schema} COMMIT;");
            return;
        }

        if (application != ApplicationId)
        {
            throw new StoreUnavailableException($"the store {path} is a database of another program: move the file away, or name another data folder");
        }

        if (format > Format)
        {
            throw new StoreUnavailableException($"the store {path} was written by a newer Edge (format {format}, this one knows {Format}): run the newer Edge, or put back the backup from before the upgrade");
        }
    }

    private static long Number(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        return (long)command.ExecuteScalar()!;
    }

    private static void Run(SqliteConnection connection, string text)
    {
        using var command = connection.CreateCommand();
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static void Execute(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters[i].Value = values[i];
        }

        command.ExecuteNonQuery();
    }

    private void Put(StoreBatch batch, long lastLease)
    {
        foreach (var change in batch.Changes)
        {
            if (change.Entry is { } entry)
            {
                Execute(_put, entry.Key, entry.Value.ToArray(), entry.Revision, entry.Lease is { } lease ? lease.Value : DBNull.Value);
            }
            else
            {
                Execute(_delete, change.Key);
            }
        }

        foreach (var lease in batch.Leases)
        {
            Execute(_putLease, lease.Id.Value, (long)lease.TimeToLive.TotalMilliseconds, lease.Ends.ToUnixTimeMilliseconds());
        }

        foreach (var lease in batch.Ended)
        {
            Execute(_deleteLease, lease.Value);
        }

        Execute(_state, batch.Changes.IsEmpty ? 0 : batch.Changes.Max(change => change.Revision), batch.Leases.IsEmpty ? lastLease : Math.Max(lastLease, batch.Leases.Max(lease => lease.Id.Value)));
    }

    private void InTransaction(Action write)
    {
        _begin.ExecuteNonQuery();
        try
        {
            write();
            _commit.ExecuteNonQuery();
        }
        catch
        {
            try
            {
                _rollback.ExecuteNonQuery();
            }
            catch (SqliteException)
            {
                // Some failures have rolled back already (https://sqlite.org/lang_transaction.html, section 3).
            }

            throw;
        }
    }

    private SqliteCommand Command(string text, params ReadOnlySpan<string> parameters)
    {
        var command = _connection.CreateCommand();
        command.CommandText = text;
        foreach (var name in parameters)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = name });
        }

        return command;
    }
}
