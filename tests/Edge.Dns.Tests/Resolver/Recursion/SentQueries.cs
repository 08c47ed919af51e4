using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Edge.Dns.Tests.Views;
using Xunit;

namespace Edge.Dns.Tests.Resolver.Recursion;

/// <summary>Counts the queries that leave for port 53 inside a network namespace, whoever sends them.</summary>
internal sealed partial class SentQueries
{
    private readonly NetworkNamespace _place;

    private SentQueries(NetworkNamespace place) => _place = place;

    public int Value => int.Parse(Packets().Match(Run("list counter inet edge queries")).Groups[1].Value, CultureInfo.InvariantCulture);

    public static SentQueries CountOrSkip(NetworkNamespace place)
    {
        var counter = new SentQueries(place);
        counter.Run("add table inet edge");
        counter.Run("add counter inet edge queries");
        counter.Run("add chain inet edge out { type filter hook output priority 0 ; }");
        counter.Run("add rule inet edge out udp dport 53 counter name queries");
        counter.Run("add rule inet edge out tcp dport 53 tcp flags syn counter name queries");
        return counter;
    }

    private string Run(string command)
    {
        var start = new ProcessStartInfo("nft", command.Split(' ')) { RedirectStandardOutput = true };
        start.Environment["PATH"] += ":/usr/sbin";
        try
        {
            using var process = _place.Inside(() => Process.Start(start)!);
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
            return output;
        }
        catch (Win32Exception)
        {
            Assert.Skip("nft is missing: apt-get install nftables");
            throw;
        }
    }

    [GeneratedRegex("packets ([0-9]+)")]
    private static partial Regex Packets();
}
