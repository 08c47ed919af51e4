using System.Text;
using Edge.Stores;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace Edge.Tests.Stores;

/// <summary>The store's file as the first version wrote it. When this fails, old data folders no longer open: write a migration.</summary>
public sealed class SqliteStoreGoldenTests : IDisposable
{
    private const string Schema = """
        CREATE TABLE state (id INTEGER PRIMARY KEY CHECK (id = 1), revision INTEGER NOT NULL, last_lease INTEGER NOT NULL) STRICT;
        CREATE TABLE entry (key TEXT PRIMARY KEY, value BLOB NOT NULL, revision INTEGER NOT NULL, lease INTEGER) STRICT, WITHOUT ROWID;
        CREATE TABLE lease (id INTEGER PRIMARY KEY, time_to_live_ms INTEGER NOT NULL, ends_unix_ms INTEGER NOT NULL) STRICT;
        """;

    private const string Version1 = $"""
        PRAGMA journal_mode = WAL;
        {Schema}
        INSERT INTO state VALUES (1, 41, 7);
        INSERT INTO entry VALUES ('services/photos', x'7b7d', 40, 7);
        INSERT INTO entry VALUES ('tokens/laptop', x'7b2278223a317d', 41, NULL);
        INSERT INTO lease VALUES (7, 300000, 1772366520000);
        PRAGMA application_id = 1164207973;
        PRAGMA user_version = 1;
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("edge-golden-");

    // 1772366520000 is 2026-03-01T12:02:00Z: two minutes of the lease's five are left.
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_file_of_version_1_opens_with_everything_in_it()
    {
        Run(Version1);
        await using var store = Open();

        var listing = await store.ListAsync("", Cancel);
        Assert.Equal(41, listing.Revision);
        Assert.Equal([("services/photos", "{}", 40L, 7L), ("tokens/laptop", """{"x":1}""", 41L, 0L)],
            listing.Entries.Select(entry => (entry.Key, Encoding.UTF8.GetString(entry.Value.Span), entry.Revision, entry.Lease?.Value ?? 0)));
        // It is shorter than what a start gives at least, and so has its whole time.
        Assert.Equal(TimeSpan.FromMinutes(5), await store.LeaseEndsAsync(new LeaseId(7), Cancel) - _time.GetUtcNow());
        Assert.Equal(new LeaseId(8), await store.GrantLeaseAsync(TimeSpan.FromMinutes(1), Cancel));
        Assert.Equal(42, (await store.PutAsync("a", "1"u8.ToArray(), null, null, Cancel)).Revision);
    }

    [Fact]
    public async Task A_new_file_has_the_schema_of_version_1()
    {
        await Open().DisposeAsync();
        Assert.Equal(Schema.Split(";\n").Select(line => line.TrimEnd(';')), Rows("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"));
        Assert.Equal(["1164207973", "1", "wal"], (string[])[.. Rows("PRAGMA application_id"), .. Rows("PRAGMA user_version"), .. Rows("PRAGMA journal_mode")]);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(File_));
        }
    }

    [Theory]
    [InlineData("PRAGMA user_version = 2", "was written by a newer Edge (format 2, this one knows 1)")]
    [InlineData("PRAGMA application_id = 99", "is a database of another program")]
    public void A_file_this_version_does_not_know_is_left_alone(string change, string sentence)
    {
        Run(Version1 + change);
        Assert.Contains(sentence, Assert.Throws<StoreUnavailableException>(Open).Message);
    }

    private string File_ => Path.Combine(_folder.FullName, SqliteStore.FileName);

    private SqliteStore Open() => SqliteStore.Open(_folder.FullName, _time, NullLogger<SqliteStore>.Instance);

    private void Run(string sql) => Rows(sql);

    private List<string> Rows(string sql)
    {
        using var connection = new SqliteConnection($"Data Source={File_};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var rows = command.ExecuteReader();
        var found = new List<string>();
        while (rows.Read())
        {
            found.Add(rows.GetValue(0).ToString()!);
        }

        return found;
    }
}
