using System.Text;
using Edge.Services;
using Edge.Settings;
using Xunit;

namespace Edge.Tests.Services;

/// <summary>The one schema of a service: what it accepts, and that everything wrong is told at once, by field.</summary>
public sealed class ServiceReaderTests
{
    [Theory]
    [InlineData("""{"to":"http://10.0.0.1:80"}""", "photos.nas.example.com", "http://10.0.0.1:80", "Everywhere", 60)]
    [InlineData("""{"host":"Photos.Example.COM.","to":"https://[::1]:8443/base","expose":"lan","ttl":"5m"}""", "photos.example.com", "https://[::1]:8443/base", "Lan", 300)]
    [InlineData("""{"host":["a.x.org","*.b.x.org"],"to":["http://h","http://h:81"],"ttl":5}""", "a.x.org *.b.x.org", "http://h http://h:81", "Everywhere", 5)]
    [InlineData("""{"name":"PHOTOS","host":"localhost","to":"http://xn--mnchen-3ya.de","ttl":"24h"}""", "localhost", "http://xn--mnchen-3ya.de", "Everywhere", 86400)]
    public void A_service_is_read(string json, string hosts, string to, string expose, int timeToLive)
    {
        var (read, problems) = Read("photos", json);
        Assert.Empty(problems);
        Assert.Equal((hosts, to, expose, timeToLive),
            (string.Join(' ', read!.Service.Hosts), string.Join(' ', read.Service.To.Select(uri => uri.OriginalString)), read.Service.Expose.ToString(), (int)read.TimeToLive.TotalSeconds));
    }

    [Theory]
    [InlineData("""{}""", "to: is missing")]
    [InlineData("""{"to":[]}""", "to: is missing")]
    [InlineData("""{"to":"10.0.0.1:80"}""", "to: \"10.0.0.1:80\" is not an http or https URL (write http://10.0.0.1:80)")]
    [InlineData("""{"to":"localhost:3000"}""", "(write http://localhost:3000)")]
    [InlineData("""{"to":"ftp://h"}""", "is not an http or https URL (such as")]
    [InlineData("""{"to":"http://h:70000"}""", "is not a URL (such as http://192.168.1.10:8080; a port is 1 to 65535)")]
    [InlineData("""{"to":"http://h:0"}""", "has port 0")]
    [InlineData("""{"to":"http://me:pw@h"}""", "to: has a user or password in the URL")]
    [InlineData("""{"to":"http://h/?"}""", "has a query or a fragment")]
    [InlineData("""{"to":" http://h"}""", "is not an http or https URL")]
    [InlineData("""{"to":["http://h","http://h/"]}""", "to[1]: \"http://h/\" stands here twice")]
    [InlineData("""{"to":{"url":"http://h","port":80}}""", "to.port: is not a known key")]
    [InlineData("""{"to":{"weight":2}}""", "to: names no url")]
    [InlineData("""{"to":{"url":"http://h","weight":0}}""", "to.weight: \"0\" is not a whole number from 1 to 100")]
    [InlineData("""{"to":[["http://h"]]}""", "to[0]: is a list; a URL is needed here")]
    [InlineData("""{"to":"http://h","host":"bücher.example"}""", "host: \"bücher.example\" has letters outside ASCII (write it as xn--bcher-kva.example)")]
    [InlineData("""{"to":"http://h","host":"http://a.b"}""", "is more than a host name (leave out http://, the port and the path)")]
    [InlineData("""{"to":"http://h","host":"a.b:8080"}""", "is more than a host name")]
    [InlineData("""{"to":"http://h","host":"192.168.1.10"}""", "is an address")]
    [InlineData("""{"to":"http://h","host":"::1"}""", "is an address")]
    [InlineData("""{"to":"http://h","host":"a..b"}""", "has an empty label")]
    [InlineData("""{"to":"http://h","host":"a.*.b"}""", "a * can only be the whole first label")]
    [InlineData("""{"to":"http://h","host":"*"}""", "is not a host name")]
    [InlineData("""{"to":"http://h","host":"my_photos.x"}""", "\"my_photos\" is not a label")]
    [InlineData("""{"to":"http://h","host":"-a.x"}""", "\"-a\" is not a label")]
    [InlineData("""{"to":"http://h","host":"a.1"}""", "the last label is a number")]
    [InlineData("""{"to":"http://h","host":["a.x","A.X."]}""", "host[1]: \"A.X.\" stands here twice")]
    [InlineData("""{"to":"http://h","expose":"wan"}""", "expose: \"wan\" is not one of lan, everywhere")]
    [InlineData("""{"to":"http://h","ttl":"4s"}""", "ttl: 4s is not a time from 5s to 24h")]
    [InlineData("""{"to":"http://h","ttl":"25h"}""", "is not a time from 5s to 24h")]
    [InlineData("""{"to":"http://h","ttl":"soon"}""", "ttl: \"soon\" is not a time")]
    [InlineData("""{"to":"http://h","name":"other"}""", "name: \"other\" is not the name in the path")]
    [InlineData("""{"to":"http://h","hosts":"a.x"}""", "hosts: is not a known key (did you mean \"host\"?)")]
    public void A_mistake_is_told_with_its_field(string json, string expected)
    {
        var (read, problems) = Read("photos", json);
        Assert.Null(read);
        Assert.Contains(expected, Assert.Single(problems));
    }

    [Theory]
    [InlineData("")]
    [InlineData("my.photos")]
    [InlineData("my_photos")]
    [InlineData("-photos")]
    [InlineData("photos-")]
    [InlineData("fotós")]
    [InlineData("x23456789012345678901234567890123456789012345678901234567890abcd")]
    public void A_name_is_one_label(string name) =>
        Assert.Contains(Read(name, """{"to":"http://h","host":"a.x"}""").Problems, problem => problem.StartsWith("name: ", StringComparison.Ordinal));

    [Fact]
    public void All_that_is_wrong_is_told_at_once()
    {
        var (_, problems) = Read("photos_", """{"to":["ftp://h","http://h:0"],"host":["a b","ok.x"],"expose":"x","ttl":"x","colour":"red"}""");
        Assert.Equal(["name", "host[0]", "to[0]", "to[1]", "expose", "ttl", "colour"], problems.Select(problem => problem[..problem.IndexOf(':')]));
    }

    [Fact]
    public void Without_a_domain_the_host_must_be_said()
    {
        var problems = new ProblemList();
        var map = JsonDocumentReader.Read("""{"to":"http://h"}"""u8.ToArray(), problems)!;
        Assert.Null(new ServiceReader(null, null).Read("photos", map, Declarer.File("f:1"), problems));
        Assert.Contains("host: is missing", Assert.Single(problems.All).ToString());
        Assert.Equal("photos.example.com", Assert.Single(new ServiceReader("example.com", null).Read("Photos", map, Declarer.File("f:1"), new ProblemList())!.Hosts));
    }

    private static (ServiceDeclaration? Read, List<string> Problems) Read(string name, string json)
    {
        var problems = new ProblemList();
        var map = JsonDocumentReader.Read(Encoding.UTF8.GetBytes(json), problems)!;
        return (new ServiceReader("example.com", "nas").ReadLeased(name, map, Declarer.Token("t"), problems), [.. problems.All.Select(problem => problem.ToString())]);
    }
}
