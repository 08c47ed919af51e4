using Edge.Dns.Wire;
using Edge.Names.Leases;

namespace Edge.Tests.Names.Leases;

/// <summary>What becomes of the names that clients give themselves.</summary>
public sealed class LeaseHostNameTests
{
    [Theory]
    [InlineData("laptop", "laptop")]
    [InlineData("Annas-MacBook", "annas-macbook")]
    [InlineData("Anna's laptop", "annas-laptop")]
    [InlineData("LIVING_ROOM TV", "living-room-tv")]
    [InlineData("-odd-", "odd")]
    [InlineData("42", "42")]
    [InlineData("laptop.example.com", "laptop")]
    [InlineData("Laptop.EXAMPLE.com.", "laptop")]
    [InlineData("laptop.", "laptop")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890123", "a23456789012345678901234567890123456789012345678901234567890123")]
    public void A_name_becomes_a_label(string said, string label)
    {
        Assert.True(LeaseHostName.TryClean(said, Name.Parse("example.com"), out var cleaned, out var reason));
        Assert.Equal((label, null), (cleaned, reason));
    }

    [Theory]
    [InlineData("laptop.example.org", "has dots")]
    [InlineData("laptop.lan.example.com", "has dots")]
    [InlineData("a..b", "has dots")]
    [InlineData("Büro", "has other characters")]
    [InlineData("tv\u001b[2J", "has other characters")]
    [InlineData("a\0b", "has other characters")]
    [InlineData("a,b", "has other characters")]
    [InlineData("*.x", "has dots")]
    [InlineData("---", "has other characters")]
    [InlineData("_", "has other characters")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234", "is longer than 63")]
    [InlineData("wpad", "is a name that other machines look up")]
    [InlineData("WPAD.example.com", "is a name that other machines look up")]
    [InlineData("isatap", "is a name that other machines look up")]
    [InlineData("localhost", "is a name that other machines look up")]
    public void A_hostile_or_foreign_name_is_refused_with_the_reason(string said, string refused)
    {
        Assert.False(LeaseHostName.TryClean(said, Name.Parse("example.com"), out var label, out var reason));
        Assert.Null(label);
        Assert.StartsWith(refused, reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("*")]
    [InlineData(" ")]
    [InlineData(".")]
    public void A_client_without_a_name_is_no_mistake(string said)
    {
        Assert.False(LeaseHostName.TryClean(said, Name.Parse("example.com"), out _, out var reason));
        Assert.Null(reason);
    }
}
