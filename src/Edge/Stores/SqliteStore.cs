using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace Edge.Stores;

/// <summary>The store of one box: the file edge.db in the data folder.</summary>
internal sealed partial class SqliteStore : EmbeddedStore
{
    /// <summary>The store's file in the data folder.</summary>
    public const string FileName = "edge.db";

    private readonly string _path;
    private readonly FolderLock _lock;
    private readonly ILogger<SqliteStore> _log;
    private SqliteFile? _file;
    private bool _inTrouble;

    private SqliteStore(string path, FolderLock held, SqliteFile file, Loaded loaded, TimeProvider time, ILogger<SqliteStore> log)
        : base(loaded.Image, loaded.Leases, loaded.LastLease, time, log) => (_path, _lock, _file, _log) = (path, held, file, log);

    /// <summary>Opens the store in a data folder, and makes both when they are not there.</summary>
    /// <exception cref="StoreUnavailableException">It cannot be opened; the message says why and what to do.</exception>
    public static SqliteStore Open(string folder, TimeProvider time, ILogger<SqliteStore> log)
    {
        var held = FolderLock.Take(folder);
        SqliteFile? file = null;
        try
        {
            var path = Path.Combine(folder, FileName);
            var (opened, loaded) = Load(path);
            file = opened;
            return new SqliteStore(path, held, file, loaded, time, log);
        }
        catch
        {
            file?.Dispose();
            held.Dispose();
            throw;
        }
    }

    protected override void Persist(StoreBatch batch, StoreImage before)
    {
        try
        {
            Current(before).Write(batch, LastLease);
        }
        catch (SqliteException wrong)
        {
            if (!SqliteTrouble.LeavesConnection(wrong))
            {
                Abandon();
            }

            throw Told(SqliteTrouble.Explain(wrong, _path));
        }
        catch (Exception wrong) when (wrong is not StoreUnavailableException && wrong is IOException or UnauthorizedAccessException)
        {
            Abandon();
            throw Told(new StoreUnavailableException($"the store {_path} cannot be written: {wrong.Message}", wrong));
        }

        if (_inTrouble)
        {
            _inTrouble = false;
            Log.Recovered(_log, _path);
        }
    }

    protected override void Close()
    {
        Abandon();
        _lock.Dispose();
    }

    private static (SqliteFile File, Loaded Loaded) Load(string path)
    {
        SqliteFile? file = null;
        try
        {
            file = SqliteFile.Open(path);
            file.Check(path);
            var (image, leases, lastLease) = file.Load();
            return (file, new Loaded(image, leases, lastLease));
        }
        catch (SqliteException wrong)
        {
            file?.Dispose();
            throw SqliteTrouble.Explain(wrong, path);
        }
        catch (Exception wrong) when (wrong is not StoreUnavailableException && wrong is IOException or UnauthorizedAccessException)
        {
            throw new StoreUnavailableException($"the store {path} cannot be opened: {wrong.Message}", wrong);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    // The open file. After trouble it is opened anew, and when it does not hold what this process knows (a commit
    // whose outcome was unclear, a file that somebody removed), it is made to.
    private SqliteFile Current(StoreImage known)
    {
        if (_file is not null && !File.Exists(_path))
        {
            Abandon();
        }

        if (_file is null)
        {
            var file = SqliteFile.Open(_path);
            try
            {
                if (file.Revision() != known.Revision)
                {
                    file.Replace(known, RunningLeases(), LastLease);
                }
            }
            catch
            {
                file.Dispose();
                throw;
            }

            _file = file;
        }

        return _file;
    }

    private void Abandon()
    {
        try
        {
            _file?.Dispose();
        }
        catch (SqliteException wrong)
        {
            Log.CloseFailed(_log, _path, wrong.Message);
        }

        _file = null;
    }

    private StoreUnavailableException Told(StoreUnavailableException wrong)
    {
        if (!_inTrouble)
        {
            _inTrouble = true;
            Log.Trouble(_log, wrong.Message);
        }

        return wrong;
    }

    private sealed record Loaded(StoreImage Image, IReadOnlyList<StoredLease> Leases, long LastLease);

    private static partial class Log
    {
        [LoggerMessage(7010, LogLevel.Error, "Nothing can be stored: {Reason}")]
        public static partial void Trouble(ILogger log, string reason);

        [LoggerMessage(7011, LogLevel.Information, "The store {Path} works again")]
        public static partial void Recovered(ILogger log, string path);

        [LoggerMessage(7012, LogLevel.Warning, "The store {Path} was not closed cleanly: {Reason}")]
        public static partial void CloseFailed(ILogger log, string path, string reason);
    }
}
