using System.Net;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>Registrations that come at the same time.</summary>
public sealed class RegistrationTogetherTests
{
    [Fact]
    public async Task Of_those_who_want_one_host_one_gets_it_and_the_others_are_told_who()
    {
        await using var host = await RegistrationHost.StartAsync();
        string[] tokens = [await host.NewTokenAsync("one"), await host.NewTokenAsync("two"), await host.NewTokenAsync("three")];
        for (var round = 0; round < 40; round++)
        {
            var answers = await Task.WhenAll(tokens.Select((token, i) => host.PutAsync($"s{i}", $$"""{"host":"h{{round}}.nas.example.com","to":"http://192.0.2.{{i + 1}}"}""", token)));
            Assert.Equal([201, 409, 409], answers.Select(answer => answer.Status == 200 ? 201 : answer.Status).Order());
            Assert.All(answers.Where(answer => answer.Status == 409), answer => Assert.Contains("belongs to service", answer.Body.ToString(), StringComparison.Ordinal));
            for (var i = 0; i < tokens.Length; i++)
            {
                await host.SendAsync(HttpMethod.Delete, $"/v1/services/s{i}", tokens[i]);
            }
        }
    }

    [Fact]
    public async Task Of_those_who_want_one_name_on_a_condition_one_gets_it()
    {
        await using var host = await RegistrationHost.StartAsync();
        host.Token = await host.NewTokenAsync("one");
        for (var round = 0; round < 40; round++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(async i =>
            {
                using var content = new StringContent($$"""{"host":"h{{i}}.nas.example.com","to":"http://192.0.2.1"}""", System.Text.Encoding.UTF8, "application/json");
                using var answer = await host.AnswerAsync(HttpMethod.Put, $"/v1/services/n{round}", null, content, "If-None-Match: *");
                return answer.StatusCode;
            }));
            Assert.Equal([HttpStatusCode.Created, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed, HttpStatusCode.PreconditionFailed], answers.Order());
            await host.SendAsync(HttpMethod.Delete, $"/v1/services/n{round}");
        }
    }

    // The renewal has read the registration when the PUT gives it another lease.
    [Theory]
    [InlineData("""{"to":"http://192.0.2.1","ttl":"90s"}""", 200)]
    [InlineData(null, 404)]
    public async Task A_renewal_and_one_who_changes_how_long_it_is_leased_or_ends_it(string? change, int status)
    {
        var store = new BreakableStore();
        await using var host = await RegistrationHost.StartAsync(_ => store);
        host.Token = await host.NewTokenAsync("one");
        await host.PutAsync("hello", """{"to":"http://192.0.2.1","ttl":"60s"}""");
        var changes = 0;
        store.Renewing = async () =>
        {
            if (changes++ == 0)
            {
                Assert.True((change is null ? await host.SendAsync(HttpMethod.Delete, "/v1/services/hello") : await host.PutAsync("hello", change)).Status < 300);
            }
        };
        Assert.Equal(status, (await host.SendAsync(HttpMethod.Post, "/v1/services/hello/renew")).Status);
    }

    [Fact]
    public async Task Many_are_each_served_when_they_are_answered_and_gone_when_that_is()
    {
        await using var host = await RegistrationHost.StartAsync();
        host.Token = await host.NewTokenAsync("one");
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async client =>
        {
            for (var i = 0; i < 20; i++)
            {
                var name = $"c{client}x{i}";
                Assert.Equal(201, (await host.PutAsync(name, """{"to":"http://192.0.2.1"}""")).Status);
                Assert.NotNull(host.Catalog.Current.ByName(name));
                Assert.Equal(200, (await host.PutAsync(name, """{"to":"http://192.0.2.2"}""")).Status);
                Assert.Equal("192.0.2.2", host.Catalog.Current.ByName(name)!.To.Single().Host);
                Assert.Equal(204, (await host.SendAsync(HttpMethod.Delete, $"/v1/services/{name}")).Status);
                Assert.Null(host.Catalog.Current.ByName(name));
            }
        }));
    }
}
