using System.Text.Json;
using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>Renewal information.</summary>
public sealed class Rfc9773Tests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>§4.1: the example of the RFC, and serials whose first bit is set.</summary>
    [Theory]
    [InlineData("69885B6B87464041E1B37B847BA0AE2CDE01C8D4", "0087654321", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE")]
    [InlineData("69885B6B87464041E1B37B847BA0AE2CDE01C8D4", "7F", "aYhba4dGQEHhs3uEe6CuLN4ByNQ.fw")]
    public void A_certificate_is_named_by_its_issuer_and_its_serial(string issuer, string serial, string name) =>
        Assert.Equal(name, CertificateIdentity.Of(Convert.FromHexString(issuer), Convert.FromHexString(serial)));

    [Theory]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", 21600, true, 21600)]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", null, true, 21600)]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", 1, true, 60)]
    [InlineData("2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z", 604800, true, 86400)]
    [InlineData("2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", 60, false, 0)]
    [InlineData("2026-03-03T00:00:00Z", "2026-03-02T00:00:00Z", 60, false, 0)]
    [InlineData("soon", "2026-03-02T00:00:00Z", 60, false, 0)]
    public void A_window_has_a_beginning_and_an_end_and_the_next_look_is_between_a_minute_and_a_day(string start, string end, int? retryAfter, bool taken, int seconds)
    {
        using var json = JsonDocument.Parse($$"""{"suggestedWindow":{"start":"{{start}}","end":"{{end}}","more":1},"explanationURL":"https://ca.test/why"}""");
        var info = RenewalInfo.Read(json.RootElement, retryAfter is { } given ? TimeSpan.FromSeconds(given) : null);
        Assert.Equal(taken, info is not null);
        Assert.Equal(seconds, info?.RetryAfter.TotalSeconds ?? 0);
        Assert.Equal(taken ? "https://ca.test/why" : null, info?.Explanation);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"suggestedWindow":7}""")]
    public void Without_a_window_there_is_none(string json)
    {
        using var document = JsonDocument.Parse(json);
        Assert.Null(RenewalInfo.Read(document.RootElement, null));
    }

    [Fact]
    public void The_moment_is_drawn_once_for_each_window()
    {
        var info = new RenewalInfo(Begin, Begin.AddDays(2), null, TimeSpan.FromHours(6));
        var first = RenewalWindow.Of(null, info, () => 0.25);
        Assert.Equal(Begin.AddHours(12), first.Selected);
        Assert.Equal(first.Selected, RenewalWindow.Of(first, info, () => 0.9).Selected);
        Assert.Equal(Begin.AddHours(12 + 24), RenewalWindow.Of(first, info with { Start = Begin.AddDays(1) }, () => 0.5).Selected);
    }

    /// <summary>A certificate of 90 days from the beginning: a third is left at day 60.</summary>
    [Theory]
    [InlineData(null, null, 0.0, 60.0)]
    [InlineData(59.0, 61.0, 0.75, 60.5)]
    [InlineData(59.0, 61.0, 0.25, 59.5)]
    [InlineData(-1.0, -0.5, 0.5, -0.75)]
    [InlineData(20.0, 22.0, 0.5, 21.0)]
    [InlineData(80.0, 82.0, 0.5, 60.0)]
    public void The_CAs_moment_counts_and_the_third_that_is_left_is_the_backstop(double? start, double? end, double drawn, double day)
    {
        var window = start is null ? null : RenewalWindow.Of(null, new RenewalInfo(Begin.AddDays(start.Value), Begin.AddDays(end!.Value), null, TimeSpan.FromHours(6)), () => drawn);
        Assert.Equal(day, (RenewalTime.Of(Begin, Begin.AddDays(90), window) - Begin).TotalDays, 0.001);
    }

    /// <summary>The ladder's longest step, six hours, cut to what is left.</summary>
    [Theory]
    [InlineData(90, 61.0, 360)]
    [InlineData(6, 3.1, 360)]
    [InlineData(6, 5.9, 14)]
    [InlineData(1, 0.6, 180)]
    [InlineData(1, 0.9, 180)]
    [InlineData(1, 0.99, 1)]
    [InlineData(1, 2.0, 360)]
    public void A_wait_leaves_three_more_chances_and_a_tenth_of_what_is_left_in_the_end(int life, double day, int minutes) =>
        Assert.Equal(minutes, (int)RenewalTime.Cut(TimeSpan.FromHours(6), Begin, Begin.AddDays(life), Begin.AddDays(day)).TotalMinutes);
}
