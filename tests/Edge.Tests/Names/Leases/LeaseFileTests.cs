using System.Net;
using Edge.Dns.Wire;
using Edge.Names.Leases;
using Edge.Tests.Certificates;

namespace Edge.Tests.Names.Leases;

/// <summary>A lease file is followed as its server writes it.</summary>
public sealed class LeaseFileTests : IDisposable
{
    private const string KeaHeader = "address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n";
    private readonly TemporaryFolder _folder = new();
    private readonly LogLines _log = new();

    private string FilePath => Path.Combine(_folder.Path, "leases");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_file_that_is_not_there_yet_is_taken_when_it_comes()
    {
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.False(file.Look(atOnce: true));
        Write(Dnsmasq("5 laptop"));
        Assert.Equal(["5 laptop"], Settled(file));
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public void A_file_that_is_rewritten_counts_when_two_looks_agree()
    {
        Write(Dnsmasq("5 laptop"));
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        Write(Dnsmasq("5 laptop", "6 phone"));
        Assert.False(file.Look(atOnce: false));
        Assert.True(file.Look(atOnce: false));
        Assert.Equal(["5 laptop", "6 phone"], Said(file));
        Assert.False(file.Look(atOnce: false));
    }

    [Theory]
    [InlineData(null, "<html>\nnot found\n")]
    [InlineData(null, "# another file\n")]
    [InlineData(null, "\0\u0001\u0002\n")]
    [InlineData("dnsmasq", "<html>\n")]
    public void Garbage_in_the_place_of_a_file_takes_nothing_away(string? format, string garbage)
    {
        Write(Dnsmasq("5 laptop", "6 phone"));
        var file = Follow(format is null ? null : LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        Write(garbage);
        Assert.Equal(["5 laptop", "6 phone"], Settled(file));
        Assert.Equal(["5 laptop", "6 phone"], Settled(file));
        Assert.Contains("leases is no lease file any more", Assert.Single(_log.Lines), StringComparison.Ordinal);
        Assert.NotNull(file.Trouble);
        Write(Dnsmasq("6 phone"));
        Assert.Equal(["6 phone"], Settled(file));
        Assert.Null(file.Trouble);
    }

    [Fact]
    public void A_file_that_never_rests_is_taken_all_the_same()
    {
        var file = Follow(LeaseFormat.Dnsmasq);
        var taken = 0;
        for (var i = 1; i <= 9; i++)
        {
            Write(Dnsmasq([.. Enumerable.Range(1, i).Select(n => $"{n} host{n}")]));
            taken += file.Look(atOnce: false) ? 1 : 0;
        }

        Assert.InRange(taken, 2, 8);
    }

    [Fact]
    public void A_line_that_is_not_finished_takes_nothing_away()
    {
        Write(Dnsmasq("5 laptop", "6 phone"));
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        File.WriteAllText(FilePath, Dnsmasq("5 laptop") + "1795694400 00:00:5e:0");
        Assert.Equal(["5 laptop", "6 phone"], Settled(file));
        Write(Dnsmasq("5 laptop"));
        Assert.Equal(["5 laptop"], Settled(file));
    }

    [Fact]
    public void An_empty_file_has_no_leases_and_a_file_that_is_gone_keeps_them()
    {
        Write(Dnsmasq("5 laptop"));
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        File.Delete(FilePath);
        Assert.Equal(["5 laptop"], Settled(file));
        Write("");
        Assert.Equal([], Settled(file));
    }

    [Fact]
    public void A_file_put_in_its_place_by_a_rename_is_read_anew_even_with_the_same_time_and_length()
    {
        Write(Dnsmasq("5 laptop"));
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        var other = FilePath + ".new";
        File.WriteAllText(other, Dnsmasq("5 tablet"));
        File.SetLastWriteTimeUtc(other, File.GetLastWriteTimeUtc(FilePath));
        File.Move(other, FilePath, overwrite: true);
        Assert.Equal(["5 tablet"], Settled(file));
    }

    [Fact]
    public void A_journal_that_grows_is_read_on_where_it_ended()
    {
        Write(KeaHeader + Kea("5 laptop"));
        var file = Follow(null);
        Assert.True(file.Look(atOnce: true));
        File.AppendAllText(FilePath, Kea("6 phone") + "192.0.2.7,00:00:5e:00:53");
        Assert.True(file.Look(atOnce: false));
        Assert.Equal(["5 laptop", "6 phone"], Said(file));
        File.AppendAllText(FilePath, ":07,,3600,1795694400,1,0,0,tablet,0,\n" + "nonsense\n");
        Assert.True(file.Look(atOnce: false));
        Assert.Equal(["5 laptop", "6 phone", "7 tablet"], Said(file));
        Assert.Equal(4, file.Leases[IPAddress.Parse("192.0.2.7")].Line);
        Assert.Contains(_log.Lines, line => line.Contains("leases:5: has 1 fields", StringComparison.Ordinal));
    }

    [Fact]
    public void A_journal_that_was_rewritten_longer_is_not_read_on()
    {
        Write(KeaHeader + Kea("5 laptop"));
        var file = Follow(LeaseFormat.Kea);
        Assert.True(file.Look(atOnce: true));
        Write(KeaHeader + Kea("6 phone") + Kea("7 tablet") + Kea("8 clock"));
        Assert.Equal(["6 phone", "7 tablet", "8 clock"], Settled(file));
    }

    [Fact]
    public void An_ISC_block_counts_when_it_has_ended()
    {
        Write("lease 192.0.2.5 {\n  binding state active;\n  client-hostname \"laptop\";\n}\nlease 192.0.2.6 {\n  binding state");
        var file = Follow(null);
        Assert.True(file.Look(atOnce: true));
        Assert.Equal(["5 laptop"], Said(file));
        File.AppendAllText(FilePath, " active;\n  client-hostname \"phone\";\n}\n");
        Assert.True(file.Look(atOnce: false));
        Assert.Equal(["5 laptop", "6 phone"], Said(file));
    }

    [Fact]
    public void While_Kea_cleans_up_its_journal_is_read_in_all_its_parts()
    {
        Write(KeaHeader + Kea("5 laptop") + Kea("6 phone"));
        var file = Follow(LeaseFormat.Kea);
        Assert.True(file.Look(atOnce: true));

        // The server sets its file aside and begins a new one; the cleanup reads .2 and .1 and writes .completed.
        File.Move(FilePath, FilePath + ".1");
        Write(KeaHeader + Kea("7 tablet"));
        Assert.Equal(["5 laptop", "6 phone", "7 tablet"], Settled(file));
        File.WriteAllText(FilePath + ".2", KeaHeader + Kea("4 old") + Kea("5 before"));
        Assert.Equal(["4 old", "5 laptop", "6 phone", "7 tablet"], Settled(file));
        File.WriteAllText(FilePath + ".completed", KeaHeader + Kea("5 laptop") + Kea("6 phone"));
        Assert.Equal(["5 laptop", "6 phone", "7 tablet"], Settled(file));
        File.Delete(FilePath + ".1");
        File.Move(FilePath + ".completed", FilePath + ".2", overwrite: true);
        File.AppendAllText(FilePath, "192.0.2.6,00:00:5e:00:53:06,,0,1795690800,1,0,0,phone,0,\n");
        Assert.Equal(["5 laptop", "7 tablet"], Settled(file));
        Assert.Equal("leases.2:2", $"{file.Leases[IPAddress.Parse("192.0.2.5")].File}:{file.Leases[IPAddress.Parse("192.0.2.5")].Line}");
    }

    [Fact]
    public void A_file_of_no_known_format_is_said_with_its_line()
    {
        Write("\n<html>\n");
        var file = Follow(null);
        file.Look(atOnce: true);
        Assert.Contains(_log.Lines, line => line.Contains("leases:2: is a line of no format known here", StringComparison.Ordinal));
        Assert.Equal(1, file.Mistakes);
    }

    [Fact]
    public void A_file_that_cannot_be_read_is_said_once_and_keeps_its_leases()
    {
        Write(Dnsmasq("5 laptop"));
        var file = Follow(LeaseFormat.Dnsmasq);
        Assert.True(file.Look(atOnce: true));
        using (var huge = File.Create(FilePath))
        {
            huge.SetLength((64L << 20) + 1);
        }

        Assert.Equal(["5 laptop"], Settled(file));
        Assert.Equal(["5 laptop"], Settled(file));
        Assert.Single(_log.Lines, line => line.Contains("leases cannot be read", StringComparison.Ordinal));
    }

    private static string Dnsmasq(params string[] leases) =>
        string.Concat(leases.Select(lease => lease.Split(' ')).Select(words => $"1795694400 00:00:5e:00:53:0{words[0]} 192.0.2.{words[0]} {words[1]} *\n"));

    private static string Kea(string lease) =>
        lease.Split(' ') is [var last, var name] ? $"192.0.2.{last},00:00:5e:00:53:0{last},,3600,1795694400,1,0,0,{name},0,\n" : "";

    private LeaseFile Follow(LeaseFormat? format) => new(new LeaseSetting(FilePath, "leases", format, Name.Parse("example.com")), _log);

    private void Write(string text) => File.WriteAllText(FilePath, text);

    private static string[] Settled(LeaseFile file)
    {
        for (var look = 0; look < 4; look++)
        {
            file.Look(atOnce: false);
        }

        return Said(file);
    }

    private static string[] Said(LeaseFile file) =>
        [.. file.Leases.Values.Select(lease => $"{lease.Address.ToString().Split('.')[3]} {lease.HostName}").Order(StringComparer.Ordinal)];
}
