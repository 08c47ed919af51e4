using Edge.Dns.Nameserver;
using Edge.Dns.Tests.Listeners;
using Edge.Dns.Tsig;
using Edge.Dns.Wire;
using Xunit;

namespace Edge.Dns.Tests.Tsig;

/// <summary>What dig and kdig think of our signatures, and we of theirs.</summary>
public sealed class TsigInteropTests
{
    private const string Secret = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
    private const string Wrong = "YTEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

    public static TheoryData<string, string, string> Clients() => new()
    {
        { "dig", "", "hmac-sha256" }, { "dig", "+tcp", "hmac-sha384" }, { "dig", "+noedns", "hmac-sha512" },
        { "kdig", "", "hmac-sha256" }, { "kdig", "+tcp", "hmac-sha512" },
    };

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task The_answer_to_a_signed_query_is_accepted(string program, string options, string algorithm)
    {
        await using var server = Serve(algorithm);
        var output = server.Run(program, $"{options} +norec -y {algorithm}:laptop.:{Secret} @127.0.0.1 web.example.com A");
        Assert.Contains("192.0.2.80", output, StringComparison.Ordinal);
        Assert.Contains("NOERROR", output, StringComparison.Ordinal);
        Assert.DoesNotContain("verify", output, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("WARNING", output, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("laptop.", Wrong, "BADSIG")]
    [InlineData("unknown.", Secret, "BADKEY")]
    public async Task The_answer_to_another_key_says_what_is_wrong_with_it(string name, string secret, string error)
    {
        await using var server = Serve("hmac-sha256");
        var output = server.Run("dig", $"-y hmac-sha256:{name}:{secret} @127.0.0.1 web.example.com A");
        Assert.Contains("NOTAUTH", output, StringComparison.Ordinal);
        Assert.Contains(error, output, StringComparison.Ordinal);
        Assert.DoesNotContain("192.0.2.80", output, StringComparison.Ordinal);
    }

    private static ListeningServer Serve(string algorithm)
    {
        var server = new ListeningServer();
        server.Nameserver.Keys = new RequestKeySet([new RequestKey(new TsigKey(Name.Parse("laptop."), TsigAlgorithm.Find(algorithm)!, Convert.FromBase64String(Secret)))]);
        return server;
    }
}
