using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using Edge.Dns.Files;

namespace Edge.Access.Oidc;

/// <summary>Text that only this Edge can read and make: AES-256-GCM with a key that stays in the data folder.</summary>
internal sealed partial class SealedText
{
    public const string FileName = "access.key";
    private const int KeyBytes = 32;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int MostCharacters = 16 << 10;

    private readonly byte[] _key;

    private SealedText(byte[] key) => _key = key;

    /// <summary>With the key of the data folder, which is made when it is not there.</summary>
    /// <param name="data">The data folder; null for a key that lasts as long as this process.</param>
    /// <param name="log">Told about a key that cannot be used.</param>
    public static SealedText Open(string? data, ILogger log)
    {
        if (data is null)
        {
            return new SealedText(RandomNumberGenerator.GetBytes(KeyBytes));
        }

        var path = Path.Combine(data, FileName);
        try
        {
            if (File.Exists(path) && Convert.FromHexString(Encoding.UTF8.GetString(OrdinaryFile.ReadBytes(path, 4096)).Trim()) is { Length: KeyBytes } kept)
            {
                return new SealedText(kept);
            }
        }
        catch (Exception wrong) when (wrong is IOException or UnauthorizedAccessException or FormatException)
        {
            Log.Unusable(log, path, wrong.Message);
        }

        var key = RandomNumberGenerator.GetBytes(KeyBytes);
        try
        {
            DurableFile.Write(path, Convert.ToHexStringLower(key) + "\n");
        }
        catch (IOException wrong)
        {
            Log.Unusable(log, path, wrong.Message);
        }

        return new SealedText(key);
    }

    /// <summary>Seals a text for one purpose; it opens for no other.</summary>
    public string Seal(string purpose, ReadOnlySpan<byte> text)
    {
        var sealedBytes = new byte[NonceBytes + text.Length + TagBytes];
        RandomNumberGenerator.Fill(sealedBytes.AsSpan(0, NonceBytes));
        using var cipher = new AesGcm(_key, TagBytes);
        cipher.Encrypt(sealedBytes.AsSpan(0, NonceBytes), text, sealedBytes.AsSpan(NonceBytes, text.Length), sealedBytes.AsSpan(NonceBytes + text.Length), Encoding.UTF8.GetBytes(purpose));
        return Base64Url.EncodeToString(sealedBytes);
    }

    /// <summary>The text; null when it is not ours, or was sealed for another purpose.</summary>
    public byte[]? Open(string purpose, string text)
    {
        if (text.Length > MostCharacters || !Base64Url.IsValid(text))
        {
            return null;
        }

        var bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < NonceBytes + TagBytes)
        {
            return null;
        }

        var opened = new byte[bytes.Length - NonceBytes - TagBytes];
        try
        {
            using var cipher = new AesGcm(_key, TagBytes);
            cipher.Decrypt(bytes.AsSpan(0, NonceBytes), bytes.AsSpan(NonceBytes, opened.Length), bytes.AsSpan(NonceBytes + opened.Length), opened, Encoding.UTF8.GetBytes(purpose));
            return opened;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5260, LogLevel.Error, "{File} cannot be used, so that all logins end with this process: {Reason}")]
        public static partial void Unusable(ILogger log, string file, string reason);
    }
}
