using System.Diagnostics;

namespace Edge.Tests.Whole;

/// <summary>gRPC's own library on both sides of Edge: every kind of call, errors, deadlines and compression go through as they are.</summary>
public sealed class GrpcTests
{
    // Debian's own: another one on the path has not its libraries.
    private const string Python = "/usr/bin/python3";
    private const string Host = "rpc.nas.example.com";

    // Server and client in one process; each line that it prints is what a call came to. grpc-core reads its roots from a file.
    private const string Program = """
        import grpc, queue, sys, threading
        from concurrent import futures

        left = threading.Event()

        def one(request, context):
            context.set_trailing_metadata((("told", "after"),))
            return request + b"!"

        def fails(request, context):
            context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not now: \u00e4")

        def counts(request, context):
            for number in range(int(request)):
                yield b"%d" % number

        def adds(requests, context):
            return b"%d" % sum(len(request) for request in requests)

        def talks(requests, context):
            for request in requests:
                yield request[::-1]

        def never(request, context):
            context.add_callback(left.set)
            left.wait(30)
            return b""

        server = grpc.server(futures.ThreadPoolExecutor(20))
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("edge.Test", {
            "one": grpc.unary_unary_rpc_method_handler(one), "fails": grpc.unary_unary_rpc_method_handler(fails),
            "counts": grpc.unary_stream_rpc_method_handler(counts), "adds": grpc.stream_unary_rpc_method_handler(adds),
            "talks": grpc.stream_stream_rpc_method_handler(talks), "never": grpc.unary_unary_rpc_method_handler(never)}),))
        print(server.add_insecure_port("127.0.0.1:0"), flush=True)
        server.start()

        target, root, host = sys.stdin.readline().split()
        options = (("grpc.ssl_target_name_override", host), ("grpc.default_authority", host), ("grpc.enable_http_proxy", 0))
        channel = grpc.secure_channel(target, grpc.ssl_channel_credentials(open(root, "rb").read()), options)

        answer, call = channel.unary_unary("/edge.Test/one").with_call(b"hi", wait_for_ready=True, timeout=60)
        print("one", answer.decode(), dict(call.trailing_metadata())["told"])
        print("gzip", len(channel.unary_unary("/edge.Test/one")(b"x" * 100000, compression=grpc.Compression.Gzip, timeout=60)))
        try:
            channel.unary_unary("/edge.Test/fails")(b"", timeout=60)
        except grpc.RpcError as error:
            print("fails", error.code().name, ascii(error.details()))
        print("counts", sum(int(number) for number in channel.unary_stream("/edge.Test/counts")(b"1000", timeout=60)))
        print("adds", channel.stream_unary("/edge.Test/adds")((b"x" * 100000 for _ in range(100)), timeout=60).decode())

        # Each message is sent when the answer to the one before has come.
        said = queue.Queue()
        answers = channel.stream_stream("/edge.Test/talks")(iter(said.get, None), timeout=60)
        heard = []
        for word in (b"abc", b"def", b"ghi"):
            said.put(word)
            heard.append(next(answers).decode())
        said.put(None)
        print("talks", *heard, len(list(answers)))
        many = [channel.unary_unary("/edge.Test/one").future(b"%d" % number, timeout=60) for number in range(200)]
        print("many", sum(int(call.result()[:-1]) for call in many))
        try:
            channel.unary_unary("/edge.Test/never")(b"", timeout=0.5)
        except grpc.RpcError as error:
            print("never", error.code().name, "and the server knows" if left.wait(20) else "and the server waits on")
        """;

    [Fact]
    public async Task Every_kind_of_call_goes_through_as_it_is()
    {
        Assert.SkipUnless(File.Exists(Python), "python3 is not installed (apt-get install python3)");
        Assert.SkipWhen((await Shell.OutputAsync(Python, "-c", "import grpc")).Length > 0, "gRPC's library for Python is not installed (apt-get install python3-grpcio)");
        await using var edge = EdgeProcess.InExampleFolder(EdgeProcess.PublishedBinary);
        using var program = Process.Start(new ProcessStartInfo(Python, ["-c", Program]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = program.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var port = await program.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);
            await File.WriteAllTextAsync(Path.Combine(edge.Folder, "proxy-routes", "rpc.yaml"), $"services:\n  rpc: {{ to: \"http://127.0.0.1:{port}\", protocol: h2 }}\n", TestContext.Current.CancellationToken);
            await edge.StartAsync();
            await program.StandardInput.WriteLineAsync($"127.0.0.1:{edge.Https} {Path.Combine(edge.Folder, "data", "ca", "root.crt")} {Host}");
            var output = await program.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            Assert.Equal(
                """
                one hi! after
                gzip 100001
                fails FAILED_PRECONDITION 'not now: \xe4'
                counts 499500
                adds 10000000
                talks cba fed ihg 0
                many 19900
                never DEADLINE_EXCEEDED and the server knows
                """,
                output.TrimEnd() + (output.Contains("never", StringComparison.Ordinal) ? "" : await errors + edge.Output));
        }
        finally
        {
            program.Kill();
        }
    }
}
