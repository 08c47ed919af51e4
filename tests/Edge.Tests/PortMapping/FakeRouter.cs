using System.Net;
using System.Net.Sockets;

namespace Edge.Tests.PortMapping;

/// <summary>A router of PCP and NAT-PMP on the loopback that answers what a test wants.</summary>
internal sealed class FakeRouter : IDisposable
{
    private readonly UdpClient _socket = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly CancellationTokenSource _end = new();

    /// <param name="answer">Gives the answers to a question; none for silence.</param>
    public FakeRouter(Func<byte[], byte[][]> answer) => _ = RunAsync(answer);

    public IPEndPoint EndPoint => (IPEndPoint)_socket.Client.LocalEndPoint!;

    /// <summary>What was asked.</summary>
    public List<byte[]> Asked { get; } = [];

    /// <summary>The bytes of an answer to MAP for a request, with success and the port that was asked for.</summary>
    public static byte[] PcpAnswer(byte[] request, byte result = 0, uint epoch = 100, uint lifetime = 3600, int? port = null, string address = "5.5.5.2")
    {
        var bytes = request[..60];
        (bytes[1], bytes[2], bytes[3]) = ((byte)(request[1] | 0x80), 0, result);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), lifetime);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), epoch);
        bytes.AsSpan(12, 12).Clear();
        if (port is { } other)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(42), (ushort)other);
        }

        IPAddress.Parse(address).GetAddressBytes().CopyTo(bytes, 56);
        return bytes;
    }

    /// <summary>The bytes of an answer by NAT-PMP, to a request for a mapping or for the address.</summary>
    public static byte[] NatPmpAnswer(byte[] request, ushort result = 0, uint epoch = 100, uint lifetime = 3600, int? port = null, string address = "5.5.5.2")
    {
        var bytes = new byte[request.Length == 2 ? 12 : 16];
        bytes[1] = (byte)(request[1] + 128);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), result);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), epoch);
        if (request.Length == 2)
        {
            IPAddress.Parse(address).GetAddressBytes().CopyTo(bytes, 8);
            return bytes;
        }

        request.AsSpan(4, 4).CopyTo(bytes.AsSpan(8));
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(12), lifetime);
        if (port is { } other)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)other);
        }

        return bytes;
    }

    public void Dispose()
    {
        _end.Cancel();
        _socket.Dispose();
        _end.Dispose();
    }

    private async Task RunAsync(Func<byte[], byte[][]> answer)
    {
        try
        {
            while (true)
            {
                var question = await _socket.ReceiveAsync(_end.Token);
                lock (Asked)
                {
                    Asked.Add(question.Buffer);
                }

                foreach (var bytes in answer(question.Buffer))
                {
                    await _socket.SendAsync(bytes, question.RemoteEndPoint, _end.Token);
                }
            }
        }
        catch (Exception over) when (over is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The end of the test.
        }
    }
}
