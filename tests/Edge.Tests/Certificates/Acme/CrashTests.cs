using System.Security.Cryptography.X509Certificates;
using Edge.Acme;
using Edge.Certificates;
using Xunit;

namespace Edge.Tests.Certificates.Acme;

/// <summary>
/// The process is killed at any request and at any write, before it or after it: the next run obtains the certificate, and
/// the CA has issued one, for one account.
/// </summary>
public sealed class CrashTests : IDisposable
{
    private readonly TestIssuer _ca = new();

    public static TheoryData<int, bool> Steps
    {
        get
        {
            var steps = new TheoryData<int, bool>();
            for (var step = 0; step < 18; step++)
            {
                steps.Add(step, true);
                steps.Add(step, false);
            }

            return steps;
        }
    }

    [Fact]
    public async Task An_order_has_no_more_steps_than_are_tried()
    {
        var fate = Arm(int.MaxValue, before: true);
        await IssueAsync();
        Assert.InRange(fate.Steps, 12, 18);
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public async Task Killed_at_a_step_the_next_run_goes_on(int step, bool before)
    {
        Arm(step, before);
        try
        {
            await IssueAsync();
        }
        catch (KilledException)
        {
            // As expected, but for steps that come after the last.
        }

        Revive();
        var issued = await IssueAsync();
        using var leaf = X509Certificate2.CreateFromPem(issued.ChainPem, issued.KeyPem);
        Assert.Single(_ca.Server.Orders, order => order.Finalized);
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Empty(_ca.Server.Violations);
    }

    [Fact]
    public async Task Killed_again_and_again_it_gets_there()
    {
        for (var step = 0; step < 18; step++)
        {
            Arm(step, before: step % 2 == 0);
            try
            {
                await IssueAsync();
            }
            catch (KilledException)
            {
                // And again.
            }
        }

        Revive();
        await IssueAsync();
        Assert.Single(_ca.Server.Orders, order => order.Finalized);
    }

    [Fact]
    public async Task A_certificate_that_was_kept_is_not_fetched_again_by_its_old_order()
    {
        var issued = await IssueAsync();
        using var held = X509Certificate2.CreateFromPem(issued.ChainPem);

        // Killed after the certificate was written and before its order was forgotten; months later it is due.
        var renewed = await _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]) { Held = held }, TestContext.Current.CancellationToken);
        Assert.NotEqual(issued.ChainPem, renewed.ChainPem);
        Assert.NotEqual(issued.KeyPem, renewed.KeyPem);
    }

    [Theory]
    [MemberData(nameof(RollOverSteps))]
    public async Task Killed_while_the_account_gets_another_key_the_account_is_kept(int step, bool before)
    {
        await IssueAsync();
        _ca.Start().Settle(["nas.example.com"]);
        Arm(step, before);
        try
        {
            await _ca.Start().Accounts.RollOverAsync(TestContext.Current.CancellationToken);
        }
        catch (KilledException)
        {
            // As expected, but for steps that come after the last.
        }

        Revive();
        var issuer = _ca.Start();
        await issuer.IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);
        Assert.Equal(1, _ca.Server.Accounts);
        Assert.Null(_ca.Files.Read("account.key.next"));
        using var key = AcmeAccounts.OpenKey(_ca.Files);
        Assert.Equal(2, _ca.Server.Orders.Count);
        Assert.Empty(_ca.Server.Violations);
    }

    public static TheoryData<int, bool> RollOverSteps
    {
        get
        {
            var steps = new TheoryData<int, bool>();
            for (var step = 0; step < 8; step++)
            {
                steps.Add(step, true);
                steps.Add(step, false);
            }

            return steps;
        }
    }

    [Fact]
    public async Task A_disk_that_takes_nothing_keeps_the_CA_from_being_asked_for_a_certificate()
    {
        var fate = Arm(int.MaxValue, before: true);
        await _ca.Start().Accounts.EnsureAsync(TestContext.Current.CancellationToken);
        fate.Full = true;
        await Assert.ThrowsAsync<IOException>(IssueAsync);
        Assert.DoesNotContain(_ca.Server.Orders, order => order.Finalized);
    }

    public void Dispose() => _ca.Dispose();

    private Task<IssuedCertificate> IssueAsync() => _ca.Start().IssueAsync(new IssuanceRequest(["nas.example.com"]), TestContext.Current.CancellationToken);

    private Fate Arm(int step, bool before)
    {
        var fate = new Fate(step, before);
        _ca.Files = new MortalFiles(new AcmeFolder(_ca.Path), fate);
        _ca.Wire = new MortalWire(_ca.Server, fate);
        return fate;
    }

    private void Revive() => (_ca.Files, _ca.Wire) = (new AcmeFolder(_ca.Path), null);
}
