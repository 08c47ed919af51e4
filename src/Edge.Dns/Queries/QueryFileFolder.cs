using System.Globalization;

namespace Edge.Dns.Queries;

/// <summary>
/// The file that queries are written to now, and those that were put aside beside it: "queries.log" becomes
/// "queries-2026-11-26.log" when its day is over or it is too long, and is deleted when it was kept long enough.
/// </summary>
internal sealed class QueryFileFolder : IDisposable
{
    private const string DayFormat = "yyyy-MM-dd";

    private readonly QueryLogOptions _options;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly string _name;
    private readonly string _extension;
    private FileStream _file;
    private DateOnly _day;

    public QueryFileFolder(QueryLogOptions options, TimeProvider time)
    {
        (_options, _time) = (options, time);
        _folder = Path.GetDirectoryName(options.File!)!;
        _name = Path.GetFileNameWithoutExtension(options.File!);
        _extension = Path.GetExtension(options.File!);
        Directory.CreateDirectory(_folder);
        _day = File.Exists(options.File!) ? DateOnly.FromDateTime(File.GetLastWriteTimeUtc(options.File!)) : Today;
        _file = Open();
    }

    private DateOnly Today => DateOnly.FromDateTime(_time.GetUtcNow().UtcDateTime);

    /// <summary>Whether this is where to write, and still is there: somebody may have taken the file away.</summary>
    public bool IsFor(QueryLogOptions? options) => ReferenceEquals(options, _options) && File.Exists(_options.File);

    /// <summary>Appends whole lines; if they cannot all be written, none is.</summary>
    public void Append(ReadOnlySpan<byte> lines)
    {
        if (_file.Length > 0 && (_day != Today || _file.Length + lines.Length > _options.LargestFile))
        {
            PutAside();
        }

        var before = _file.Length;
        _day = before == 0 ? Today : _day;
        try
        {
            _file.Write(lines);
            _file.Flush();
        }
        catch (IOException)
        {
            _file.SetLength(before);
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private FileStream Open() => new(_options.File!, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        // Whoever cuts or moves the file may do so.
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 0,
        UnixCreateMode = OperatingSystem.IsWindows() ? null : UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private void PutAside()
    {
        _file.Dispose();
        var aside = Aside(0);
        for (var i = 2; File.Exists(aside); i++)
        {
            aside = Aside(i);
        }

        File.Move(_options.File!, aside);
        _day = Today;
        _file = Open();
        DeleteOld();
    }

    private string Aside(int number) => Path.Combine(_folder, string.Create(CultureInfo.InvariantCulture,
        $"{_name}-{_day.ToString(DayFormat, CultureInfo.InvariantCulture)}{(number == 0 ? "" : $"-{number}")}{_extension}"));

    private void DeleteOld()
    {
        var oldest = DateOnly.FromDateTime((_time.GetUtcNow() - _options.KeepFiles).UtcDateTime);
        foreach (var path in Directory.EnumerateFiles(_folder, $"{_name}-*{_extension}"))
        {
            var rest = Path.GetFileName(path).AsSpan(_name.Length + 1);
            if (rest.Length >= DayFormat.Length && DateOnly.TryParseExact(rest[..DayFormat.Length], DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day < oldest)
            {
                File.Delete(path);
            }
        }
    }
}
