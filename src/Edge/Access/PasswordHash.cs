using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Crypto.Generators;
using Org.BouncyCastle.Crypto.Parameters;

namespace Edge.Access;

/// <summary>
/// The hash of a password, in the text forms that other programs write as well: PBKDF2 as
/// <c>$pbkdf2-sha256$ROUNDS$SALT$HASH</c>, bcrypt as <c>$2b$…</c>, Argon2id as <c>$argon2id$v=19$…</c>.
/// </summary>
internal sealed class PasswordHash
{
    public const string Hint = "\"edge access hash\" makes one; bcrypt ($2b$) and Argon2id ($argon2id$) of other programs are understood too";

    // OWASP's password storage advice for PBKDF2 with SHA-256.
    private const int Rounds = 600_000;
    private const int MostRounds = 10_000_000;
    private const int MostBcryptCost = 16;
    private const int MostArgonKilobytes = 1 << 18;
    private const int MostArgonWork = 1 << 21;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    private readonly Func<string, bool> _verify;

    private PasswordHash(string text, Func<string, bool> verify) => (Text, _verify) = (text, verify);

    public string Text { get; }

    /// <summary>A new hash of a password.</summary>
    public static string Make(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return string.Create(CultureInfo.InvariantCulture, $"$pbkdf2-sha256${Rounds}${Encode(salt)}${Encode(Pbkdf2(password, salt, Rounds, HashBytes))}");
    }

    /// <summary>Reads the text of a hash; null with what is wrong when it is none.</summary>
    public static PasswordHash? Parse(string text, out string wrong)
    {
        wrong = "is not the hash of a password";
        var parts = text.Split('$');
        try
        {
            var verify = parts switch
            {
                ["", "pbkdf2-sha256", var rounds, var salt, var hash] => ParsePbkdf2(rounds, salt, hash),
                ["", "2a" or "2b" or "2y", var cost, { Length: 53 }] => ParseBcrypt(text, cost, out wrong),
                ["", "argon2id", "v=19", var settings, var salt, var hash] => ParseArgon2(settings, salt, hash, ref wrong),
                ["", "apr1" or "1" or "5" or "6" or "y", ..] => Unknown(parts[1], out wrong),
                _ => null,
            };
            return verify is null ? null : new PasswordHash(text, verify);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>Whether it is this password; takes a good part of a second.</summary>
    public bool Verify(string password) => _verify(password);

    private static Func<string, bool>? Unknown(string kind, out string wrong)
    {
        wrong = $"is a hash of the kind \"${kind}$\", which is not understood";
        return null;
    }

    private static Func<string, bool>? ParsePbkdf2(string rounds, string salt, string hash)
    {
        if (!int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < 1000 or > MostRounds)
        {
            return null;
        }

        var (saltBytes, hashBytes) = (Decode(salt), Decode(hash));
        return saltBytes.Length < 8 || hashBytes.Length is < 16 or > 64
            ? null
            : password => CryptographicOperations.FixedTimeEquals(Pbkdf2(password, saltBytes, count, hashBytes.Length), hashBytes);
    }

    private static Func<string, bool>? ParseBcrypt(string text, string cost, out string wrong)
    {
        wrong = $"is a bcrypt hash with a cost that is not from 4 to {MostBcryptCost}";
        if (!int.TryParse(cost, NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || rounds is < 4 or > MostBcryptCost)
        {
            return null;
        }

        return password =>
        {
            // bcrypt reads no more than 72 bytes.
            var characters = password.ToCharArray();
            return Encoding.UTF8.GetByteCount(characters) <= 72 && OpenBsdBCrypt.CheckPassword(text, characters);
        };
    }

    private static Func<string, bool>? ParseArgon2(string settings, string salt, string hash, ref string wrong)
    {
        var numbers = settings.Split(',').Select(part => part.Split('=')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => int.Parse(pair[1], NumberStyles.None, CultureInfo.InvariantCulture));
        if (!numbers.TryGetValue("m", out var memory) || !numbers.TryGetValue("t", out var passes) || !numbers.TryGetValue("p", out var lanes))
        {
            return null;
        }

        if (memory is < 8 or > MostArgonKilobytes || passes < 1 || lanes is < 1 or > 16 || (long)memory * passes > MostArgonWork)
        {
            wrong = $"is an Argon2 hash that takes more than {MostArgonKilobytes >> 10} MB or too long to verify";
            return null;
        }

        var (saltBytes, hashBytes) = (Decode(salt), Decode(hash));
        return saltBytes.Length < 8 || hashBytes.Length is < 16 or > 64 ? null : password =>
        {
            var generator = new Argon2BytesGenerator();
            generator.Init(new Argon2Parameters.Builder(Argon2Parameters.Argon2id)
                .WithVersion(Argon2Parameters.Version13).WithMemoryAsKB(memory).WithIterations(passes).WithParallelism(lanes).WithSalt(saltBytes).Build());
            var computed = new byte[hashBytes.Length];
            generator.GenerateBytes(Encoding.UTF8.GetBytes(password), computed);
            return CryptographicOperations.FixedTimeEquals(computed, hashBytes);
        };
    }

    private static byte[] Pbkdf2(string password, byte[] salt, int rounds, int length) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA256, length);

    // Base64 without padding; passlib writes "." where base64 has "+".
    private static byte[] Decode(string text) => Convert.FromBase64String(text.Replace('.', '+').PadRight((text.Length + 3) / 4 * 4, '='));

    private static string Encode(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '.');
}
