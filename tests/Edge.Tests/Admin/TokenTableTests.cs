using Edge.Admin.Commands;
using Edge.Admin.Reports;
using Xunit;

namespace Edge.Tests.Admin;

/// <summary>What <c>edge token list</c> shows of a token.</summary>
public sealed class TokenTableTests
{
    [Theory]
    [InlineData(false, null, "-", "-")]
    [InlineData(true, null, "yes", "-")]
    [InlineData(true, 172_800L, "yes", "2d")]
    [InlineData(false, 5400L, "-", "1h30m")]
    public void The_key_and_the_lease(bool hasKey, long? lease, string key, string text)
    {
        var line = TokenTable.Line(new TokenReport("cabin", ["cabin.example.com"], ["*"], false, new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), null, null) { Tsig = hasKey, LeaseSeconds = lease });
        Assert.Equal(["cabin", "cabin.example.com", "*", "-", "everywhere", key, text, "2026-03-01 12:00Z", "-"], line);
        Assert.Equal(TokenTable.Heads.Length, line.Count);
    }
}
