using System.Globalization;
using System.Net;

namespace Edge.Names.Leases;

/// <summary>
/// Kea's memfile journal: CSV with a first line that names the columns, which differ between versions. The last line of
/// an address counts; one with a valid lifetime of 0 says that the lease is gone.
/// </summary>
internal sealed class KeaReader(LeaseTable table) : ILeaseReader
{
    private const uint Infinity = uint.MaxValue;
    private const string Escape = "&#x";

    private string _part = "";
    private string[] _columns = [];

    public void Begin(string part) => (_part, _columns) = (part, []);

    public void Read(string line, int number)
    {
        line = line.TrimEnd('\r');
        if (line.Length == 0)
        {
            return;
        }

        var fields = line.Split(',');
        if (_columns.Length == 0)
        {
            if (fields[0] != "address" || !fields.Contains("expire") || !fields.Contains("hostname"))
            {
                table.Mistake(_part, number, "does not name the columns; a lease file of Kea begins with address,…");
                return;
            }

            _columns = fields;
            return;
        }

        // Newer versions add columns at the end; lines that an older one wrote lack them.
        if (fields.Length < 8 || fields.Length > _columns.Length)
        {
            table.Mistake(_part, number, $"has {fields.Length} fields; the first line names {_columns.Length}");
            return;
        }

        if (!LeaseText.TryAddress(fields[0], out var address))
        {
            table.Mistake(_part, number, $"\"{LeaseText.Shown(fields[0])}\" is not an address");
        }
        else if (!uint.TryParse(Field(fields, "valid_lifetime"), NumberStyles.None, CultureInfo.InvariantCulture, out var lifetime)
            || !long.TryParse(Field(fields, "expire"), NumberStyles.None, CultureInfo.InvariantCulture, out var expire) || expire > LeaseTime.Latest)
        {
            table.Mistake(_part, number, "valid_lifetime and expire are not times in seconds");
        }
        else if (lifetime == 0 || !IsInUse(fields))
        {
            table.Remove(address);
        }
        else
        {
            var duid = Field(fields, "duid");
            var device = duid.Length > 0 ? DeviceId.OfIPv6(duid) : DeviceId.OfIPv4(Field(fields, "client_id"), Field(fields, "hwaddr"));
            DateTimeOffset? began = expire >= lifetime ? LeaseTime.At(expire - lifetime) : null;
            table.Put(address, Unescaped(Field(fields, "hostname")), device, began, lifetime == Infinity ? null : LeaseTime.At(expire), _part, number);
        }
    }

    // State 0 is a lease in use; others are declined, expired, released. Type 2 is a prefix, which is no host's address.
    private bool IsInUse(string[] fields) => Field(fields, "state") is "0" or "" && Field(fields, "lease_type") is not "2";

    private string Field(string[] fields, string column) => Array.IndexOf(_columns, column) is var at and >= 0 && at < fields.Length ? fields[at] : "";

    // A comma inside of a field is written "&#x2c".
    private static string Unescaped(string field)
    {
        for (var at = field.IndexOf(Escape, StringComparison.Ordinal); at >= 0 && at + 5 <= field.Length; at = field.IndexOf(Escape, at + 1, StringComparison.Ordinal))
        {
            if (byte.TryParse(field.AsSpan(at + 3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                field = $"{field[..at]}{(char)code}{field[(at + 5)..]}";
            }
        }

        return field;
    }
}
