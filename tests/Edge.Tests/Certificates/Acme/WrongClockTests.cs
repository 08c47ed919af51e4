using Edge.Acme;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>A certificate that only the clock makes unfit is not thrown away: the CA counts each one it makes.</summary>
public sealed class WrongClockTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    [Fact]
    public async Task While_the_clock_is_behind_one_certificate_is_made_and_it_serves_when_the_clock_is_right()
    {
        var behind = TimeSpan.FromDays(2);
        _ca.Server.Now = () => _ca.Time.GetUtcNow() + behind;
        for (var attempt = 0; attempt < 4; attempt++)
        {
            Assert.Contains("check the clock", (await Assert.ThrowsAsync<IssuanceException>(IssueAsync)).Message);
        }

        _ca.Time.Jump(behind);
        await IssueAsync();
        Assert.Single(_ca.Server.Orders, order => order.Finalized);
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
}
