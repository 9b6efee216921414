using System.Runtime.InteropServices;

namespace Postmaster.Fbl.Dkim;

/// <summary>
/// Ed25519 (RFC 8032) by the EVP functions of OpenSSL's libcrypto, because the framework has no public Ed25519.
/// Where the library is missing <see cref="IsSupported"/> is false and nothing else may be called.
/// </summary>
internal static unsafe class Ed25519
{
    public const int KeySize = 32;
    public const int SignatureSize = 64;
    private const int NidEd25519 = 1087;

    private static readonly string[] LibraryNames =
        ["libcrypto.so.3", "libcrypto.so.1.1", "libcrypto.3.dylib", "libcrypto-3-x64.dll", "libcrypto-3-arm64.dll"];

    private static readonly Library? Loaded = Load();

    public static bool IsSupported => Loaded is not null;

    /// <summary>False for a wrong signature and for a public key that is no point of the curve.</summary>
    public static bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature)
    {
        if (publicKey.Length != KeySize || signature.Length != SignatureSize)
            return false;
        var library = Require();
        var key = NewKey(library, library.NewPublicKey, publicKey);
        if (key == 0)
            return false;
        var context = library.NewContext();
        fixed (byte* octets = data, signatureOctets = signature)
        {
            var verified = context != 0
                && library.VerifyInit(context, 0, 0, 0, key) == 1
                && library.Verify(context, signatureOctets, (nuint)signature.Length, octets, (nuint)data.Length) == 1;
            Free(library, context, key);
            return verified;
        }
    }

    /// <param name="seed">The private key as RFC 8032 §5.1.5 has it: 32 octets.</param>
    public static byte[] Sign(ReadOnlySpan<byte> seed, ReadOnlySpan<byte> data)
    {
        var library = Require();
        var key = NewKey(library, library.NewPrivateKey, seed);
        var context = library.NewContext();
        var signature = new byte[SignatureSize];
        var length = (nuint)SignatureSize;
        fixed (byte* octets = data, signatureOctets = signature)
        {
            var signed = key != 0 && context != 0
                && library.SignInit(context, 0, 0, 0, key) == 1
                && library.Sign(context, signatureOctets, &length, octets, (nuint)data.Length) == 1;
            Free(library, context, key);
            if (!signed || length != SignatureSize)
                throw new System.Security.Cryptography.CryptographicException("libcrypto could not sign with Ed25519.");
        }
        return signature;
    }

    public static byte[] PublicKeyOf(ReadOnlySpan<byte> seed)
    {
        var library = Require();
        var key = NewKey(library, library.NewPrivateKey, seed);
        var publicKey = new byte[KeySize];
        var length = (nuint)KeySize;
        fixed (byte* octets = publicKey)
        {
            var read = key != 0 && library.GetPublicKey(key, octets, &length) == 1;
            Free(library, 0, key);
            if (!read || length != KeySize)
                throw new System.Security.Cryptography.CryptographicException("libcrypto could not derive the Ed25519 public key.");
        }
        return publicKey;
    }

    private static nint NewKey(Library library, delegate* unmanaged<int, nint, byte*, nuint, nint> create, ReadOnlySpan<byte> raw)
    {
        fixed (byte* octets = raw)
            return create(NidEd25519, 0, octets, (nuint)raw.Length);
    }

    private static void Free(Library library, nint context, nint key)
    {
        if (context != 0)
            library.FreeContext(context);
        if (key != 0)
            library.FreeKey(key);
        library.ClearErrors(); // a failed check leaves its error in a queue of the thread that the framework reads too
    }

    private static Library Require() => Loaded ?? throw new PlatformNotSupportedException("Ed25519 needs OpenSSL's libcrypto.");

    private static Library? Load()
    {
        foreach (var name in LibraryNames)
        {
            if (NativeLibrary.TryLoad(name, out var handle) && Library.TryBind(handle, out var library))
                return library;
        }
        return null;
    }

    private sealed class Library
    {
        public delegate* unmanaged<int, nint, byte*, nuint, nint> NewPublicKey;
        public delegate* unmanaged<int, nint, byte*, nuint, nint> NewPrivateKey;
        public delegate* unmanaged<nint, byte*, nuint*, int> GetPublicKey;
        public delegate* unmanaged<nint, void> FreeKey;
        public delegate* unmanaged<nint> NewContext;
        public delegate* unmanaged<nint, void> FreeContext;
        public delegate* unmanaged<nint, nint, nint, nint, nint, int> VerifyInit;
        public delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int> Verify;
        public delegate* unmanaged<nint, nint, nint, nint, nint, int> SignInit;
        public delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int> Sign;
        public delegate* unmanaged<void> ClearErrors;

        public static bool TryBind(nint handle, out Library? library)
        {
            library = null;
            ReadOnlySpan<string> names =
            [
                "EVP_PKEY_new_raw_public_key", "EVP_PKEY_new_raw_private_key", "EVP_PKEY_get_raw_public_key", "EVP_PKEY_free",
                "EVP_MD_CTX_new", "EVP_MD_CTX_free", "EVP_DigestVerifyInit", "EVP_DigestVerify", "EVP_DigestSignInit", "EVP_DigestSign",
                "ERR_clear_error",
            ];
            var entry = stackalloc nint[names.Length];
            for (var i = 0; i < names.Length; i++)
            {
                if (!NativeLibrary.TryGetExport(handle, names[i], out entry[i]))
                    return false;
            }
            library = new Library
            {
                NewPublicKey = (delegate* unmanaged<int, nint, byte*, nuint, nint>)entry[0],
                NewPrivateKey = (delegate* unmanaged<int, nint, byte*, nuint, nint>)entry[1],
                GetPublicKey = (delegate* unmanaged<nint, byte*, nuint*, int>)entry[2],
                FreeKey = (delegate* unmanaged<nint, void>)entry[3],
                NewContext = (delegate* unmanaged<nint>)entry[4],
                FreeContext = (delegate* unmanaged<nint, void>)entry[5],
                VerifyInit = (delegate* unmanaged<nint, nint, nint, nint, nint, int>)entry[6],
                Verify = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, int>)entry[7],
                SignInit = (delegate* unmanaged<nint, nint, nint, nint, nint, int>)entry[8],
                Sign = (delegate* unmanaged<nint, byte*, nuint*, byte*, nuint, int>)entry[9],
                ClearErrors = (delegate* unmanaged<void>)entry[10],
            };
            return true;
        }
    }
}
