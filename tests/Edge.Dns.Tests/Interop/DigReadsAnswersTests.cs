using System.Diagnostics;
using Edge.Dns.Nameserver;
using Edge.Dns.Wire;
using Edge.Dns.Zones;
using Xunit;

namespace Edge.Dns.Tests.Interop;

/// <summary>dig has nothing to say against any answer, and prints the same records as we do.</summary>
public sealed class DigReadsAnswersTests
{
    // One of so many questions of the comparison: dig waits for each answer before it asks the next.
    private const int Every = 5;

    private static readonly string[] Complaints = ["Warning", "WARNING", "malformed", "bad packet", "error", "timed out", "Truncated", "FORMERR", "mismatch", "extra"];

    [Theory]
    [InlineData(Transport.Udp)]
    [InlineData(Transport.Tcp)]
    public async Task Every_answer(Transport transport)
    {
        Zone[] zones = [.. SharedZone.All.Select(zone => zone.Load())];
        var questions = SharedQuestions.About(zones).Where((question, i) => i % Every == 0 && question.Transport == transport).ToList();
        await using var edge = EdgePeer.Serve(zones);
        var ours = BulkClient.Ask("edge", edge.EndPoints[0], questions);
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(file, questions.Select(Line));
            var printed = Dig(edge.EndPoints[0].Port, file, transport).Split(";; ->>HEADER<<- ");
            Assert.DoesNotContain(printed[0].Split('\n'), Complains);
            Assert.Equal(questions.Count, printed.Length - 1);
            for (var i = 0; i < questions.Count; i++)
            {
                var (own, read) = (Text(ours[i]), Text(printed[i + 1].Split('\n')));
                Assert.True(own == read, $"{questions[i]}:\n{own}\nand dig prints\n{read}");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static string Line(SharedQuestion question)
    {
        var edns = question.Edns is { } said ? $"+bufsize={said.PayloadSize} {(said.DnssecOk ? "+dnssec" : "+nodnssec")}" : "+noedns";
        return $"-q {question.Name} -t {RecordText.FormatType(question.Type)} {edns} +ignore +norecurse";
    }

    private static string Text(byte[] wire)
    {
        Assert.True(Message.TryParse(wire, out var message, out var error), error);
        var records = message.Answer.Concat(message.Authority).Concat(message.Additional).Select(RecordText.Format);
        return string.Join('\n', records.Prepend(message.Rcode.ToString().ToUpperInvariant()));
    }

    private static string Text(string[] lines)
    {
        Assert.DoesNotContain(lines, Complains);
        var status = lines[0][(lines[0].IndexOf("status: ", StringComparison.Ordinal) + 8)..].Split(',')[0];
        return string.Join('\n', lines.Skip(1).Where(line => line.Length > 0 && line[0] != ';').Select(SingleSpaced).Prepend(status));
    }

    private static bool Complains(string line) => line.StartsWith(';') && Complaints.Any(complaint => line.Contains(complaint, StringComparison.Ordinal)) && !line.Contains("status:", StringComparison.Ordinal);

    // dig lines its columns up with tabs; in the data there is none.
    private static string SingleSpaced(string line) => string.Join(' ', line.Split('\t', StringSplitOptions.RemoveEmptyEntries));

    private static string Dig(int port, string file, Transport transport)
    {
        try
        {
            using var dig = Process.Start(new ProcessStartInfo("dig",
                ["@127.0.0.1", "-p", $"{port}", "+nocookie", "+nosplit", "+noidnout", "+tries=3", "+time=5", transport == Transport.Tcp ? "+tcp" : "+notcp", "-f", file]) { RedirectStandardOutput = true })!;
            var output = dig.StandardOutput.ReadToEnd();
            dig.WaitForExit();
            return output;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("dig is missing: apt-get install bind9-dnsutils");
            throw;
        }
    }
}
