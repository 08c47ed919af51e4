using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Edge.Dns.Zones.MasterFile;
using Edge.Dns.Zones.RecordData;
using Xunit;

namespace Edge.Dns.Tests.Zones;

public sealed partial class RecordTextTests
{
    private static readonly Name Origin = Name.Parse("example.com.");

    [Fact]
    public void The_zone_of_every_type_has_no_errors_and_has_every_type()
    {
        var zone = Parse(EveryTypeZone.Text);
        Assert.DoesNotContain(zone.Problems, problem => problem.IsError);
        var missing = Enum.GetValues<RecordType>().Where(type => DataShapes.Of(type) is not null && type != RecordType.ALIAS).Except(zone.Records.Select(record => record.Type));
        Assert.Empty(missing);
    }

    [Fact]
    public void What_is_printed_is_read_back_as_the_same_bytes()
    {
        foreach (var record in Parse(EveryTypeZone.Text).Records)
        {
            var text = RecordText.Format(record);
            var again = RecordText.Parse(text);
            Assert.Equal(record with { Source = default }, again);
            Assert.Equal(text, RecordText.Format(again));
        }
    }

    [Fact]
    public async Task It_prints_what_named_compilezone_prints()
    {
        var folder = Directory.CreateTempSubdirectory("edge-zone");
        try
        {
            var (input, output) = (Path.Combine(folder.FullName, "in"), Path.Combine(folder.FullName, "out"));
            // BIND 9.18 knows the newest parameters by number only.
            var spoken = EveryTypeZone.Text.Replace(" dohpath=", " key7=", StringComparison.Ordinal).Replace(" ohttp", " key8", StringComparison.Ordinal);
            await File.WriteAllTextAsync(input, spoken, TestContext.Current.CancellationToken);
            var log = await Run("named-compilezone", "-i", "none", "-k", "ignore", "-s", "full", "-o", output, "example.com", input);
            Assert.True(File.Exists(output), log);
            var theirs = (await File.ReadAllLinesAsync(output, TestContext.Current.CancellationToken))
                .Where(line => !line.StartsWith(';')).Select(Canonical).Order(StringComparer.Ordinal).ToList();
            var ours = Parse(EveryTypeZone.Text).Records.Select(RecordText.Format).Select(Canonical).Distinct().Order(StringComparer.Ordinal).ToList();
            Assert.Equal(theirs, ours);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_we_print_of_the_registered_parameters_of_services_is_their_name()
    {
        Assert.Equal("1 . dohpath=\"/q{?dns}\"", Again(RecordType.SVCB, "1 . dohpath=/q{?dns}"));
        Assert.Equal("1 . alpn=\"h2\" ohttp", Again(RecordType.SVCB, "1 . ohttp alpn=h2"));
        Assert.Equal("1 . tls-supported-groups=29,4588,23 docpath=\"dns,a\\\\,b\"", Again(RecordType.SVCB, "1 . docpath=dns,a\\\\,b tls-supported-groups=29,4588,23"));
        Assert.Equal("1 . docpath", Again(RecordType.SVCB, "1 . docpath"));
    }

    [Theory]
    [InlineData(RecordType.A, "01020304ff", "\\# 5 01020304FF")]
    [InlineData(RecordType.MX, "000a", "\\# 2 000A")]
    [InlineData(RecordType.MX, "000a41", "\\# 3 000A41")]
    [InlineData(RecordType.MX, "000ac00c", "\\# 4 000AC00C")]
    [InlineData(RecordType.TXT, "0541", "\\# 2 0541")]
    [InlineData(RecordType.SVCB, "000100000300020035000100020268", "\\# 15 000100000300020035000100020268")]
    [InlineData((RecordType)65280, "", "\\# 0")]
    public void Bytes_that_are_no_data_of_their_type_are_printed_as_bytes(RecordType type, string hex, string text) =>
        Assert.Equal(text, RecordText.FormatData(type, new RData(Convert.FromHexString(hex))));

    [Theory]
    [InlineData(RecordType.A, "fe80::1", "A needs an IPv4 address; \"fe80::1\" is IPv6: use AAAA")]
    [InlineData(RecordType.A, "192.168.001.010", "A needs an IPv4 address, not \"192.168.001.010\" (write it without leading zeros: 192.168.1.10)")]
    [InlineData(RecordType.A, "127.1", "A needs an IPv4 address, not \"127.1\" (four numbers from 0 to 255: A 192.0.2.10)")]
    [InlineData(RecordType.A, "192.0.2.1 192.0.2.2", "\"192.0.2.2\" is one value too many")]
    [InlineData(RecordType.AAAA, "192.0.2.1", "AAAA needs an IPv6 address; \"192.0.2.1\" is IPv4: use A")]
    [InlineData(RecordType.AAAA, "fe80::1%eth0", "AAAA needs an IPv6 address, not \"fe80::1%eth0\" (AAAA 2001:db8::10)")]
    [InlineData(RecordType.MX, "mail.example.com.", "the preference must be a number from 0 to 65535, not \"mail.example.com.\"")]
    [InlineData(RecordType.MX, "10", "the mail server is missing")]
    [InlineData(RecordType.SRV, "0 0 70000 a", "the port must be a number from 0 to 65535, not \"70000\"")]
    [InlineData(RecordType.CNAME, "münchen", "the target \"münchen\" is not ASCII (write international names in their xn-- form)")]
    [InlineData(RecordType.CNAME, "a..b", "the target \"a..b\" is no domain name: a label is empty (two dots in a row, or nothing at all)")]
    [InlineData(RecordType.DS, "1 13 2 abcd", "the digest has 2 bytes; its type has 32")]
    [InlineData(RecordType.TLSA, "3 1 1 abc", "the certificate data must be hexadecimal digits in pairs, not \"abc\"")]
    [InlineData(RecordType.DNSKEY, "257 3 13 !!", "the public key must be base64, not \"!!\"")]
    [InlineData(RecordType.CAA, "0 is-sue x", "the tag must be made of letters and digits, not \"is-sue\"")]
    [InlineData(RecordType.TXT, "\"\\999\"", "a wrong escape in the text \"\\999\" (\\DDD needs three digits from 000 to 255; a backslash itself is \\\\)")]
    [InlineData(RecordType.LOC, "91 0 0 N 0 0 0 E 0m", "the latitude is degrees, minutes and seconds and then N or S; not \"91\"")]
    [InlineData(RecordType.SVCB, "1 . alpn=h2 alpn=h3", "alpn is given twice")]
    [InlineData(RecordType.SVCB, "1 . mandatory=port alpn=h2", "mandatory names port, which is not there")]
    [InlineData(RecordType.SVCB, "1 . mandatory=mandatory", "\"mandatory\" is no value of mandatory (keys that are there, each once: mandatory=alpn,port)")]
    [InlineData(RecordType.HTTPS, "0 a. port=1", "priority 0 (AliasMode) takes no parameters (use priority 1 to describe a service, or leave the parameters out)")]
    [InlineData(RecordType.HTTPS, "1 . no-default-alpn", "no-default-alpn needs alpn beside it")]
    [InlineData(RecordType.HTTPS, "1 . ipv4hint=::1", "\"::1\" is no value of ipv4hint (ipv4hint=192.0.2.10)")]
    [InlineData(RecordType.HTTPS, "1 . alpm=h2", "\"alpm\" is no service parameter (known are mandatory, alpn, no-default-alpn, port, ipv4hint, ipv6hint, ech, dohpath, ohttp, tls-supported-groups, docpath and keyNNNNN)")]
    [InlineData(RecordType.HTTPS, "1 . tls-supported-groups=29,29", "\"29,29\" is no value of tls-supported-groups (numbers of groups, each once: tls-supported-groups=29,23)")]
    [InlineData(RecordType.HTTPS, "1 . tls-supported-groups", "tls-supported-groups needs a value")]
    [InlineData(RecordType.A, "\\# 3 010203", "these bytes are no data of A (A 192.0.2.10)")]
    [InlineData(RecordType.A, "\\# 4 0102", "\\# says 4 bytes and 2 follow (\\# LENGTH HEX (RFC 3597))")]
    [InlineData((RecordType)65280, "hello", "TYPE65280 has no text form of its own (write its bytes: \\# LENGTH HEX (RFC 3597))")]
    public void Data_that_cannot_be_read_says_why(RecordType type, string text, string error)
    {
        Assert.False(RecordText.TryParseData(type, text, Origin, out _, out var said));
        Assert.Equal(error, said);
    }

    private static string Again(RecordType type, string text)
    {
        Assert.True(RecordText.TryParseData(type, text, Origin, out var data, out var error), error);
        return RecordText.FormatData(type, data);
    }

    private static ZoneFileResult Parse(string text) => ZoneFileParser.Parse("zones/example.com.zone", Encoding.UTF8.GetBytes(text), Origin);

    // Columns, the spaces inside long keys and digests, and parameters newer than the peer are the only differences allowed.
    private static string Canonical(string line)
    {
        var text = Spaces().Replace(line, " ").TrimEnd();
        text = text.Replace("key7=\"", "dohpath=\"", StringComparison.Ordinal).Replace(" key8", " ohttp", StringComparison.Ordinal);
        return text.Contains('"') ? text : text.Replace(" ", "", StringComparison.Ordinal);
    }

    private static async Task<string> Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return output + await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip($"{program} is missing: apt-get install bind9-utils");
            return "";
        }
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
